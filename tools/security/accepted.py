"""Accepted: exceptions from rules, each with a reason, and the error of one that excepts nothing any more."""

from collections.abc import Iterable
from fnmatch import fnmatchcase
from typing import NamedTuple

from tools.security.stack import readable

EVERYWHERE = ("*",)
# The same for what no environment here has, but one of yours may: such an exception is never stale.
WHERE_THERE_IS_ONE = ("?*",)


class Accepted(NamedTuple):
    """What a rule finds on resources of some environments is accepted.

    `resource` is a logical id without its hash, and may end in `*`; `environments` are names, EVERYWHERE or
    WHERE_THERE_IS_ONE.
    """

    rule: str
    environments: tuple[str, ...]
    resource: str
    reason: str

    def covers(self, rule: str, environment: str, resource: str) -> bool:
        """Whether this finding is accepted."""
        return (
            self.rule == rule
            and any(fnmatchcase(environment, each) for each in self.environments)
            and fnmatchcase(readable(resource), self.resource)
        )


def stale(register: Iterable[Accepted], findings: Iterable[tuple[str, str, str]]) -> list[str]:
    """A line for each exception that no (rule, environment, resource) needs, environment by environment."""
    found = list(findings)
    return [
        f"{accepted.rule}: '{accepted.resource}' in {environment} needs no exception any more: remove it"
        for accepted in register
        for environment in accepted.environments
        if accepted.environments != WHERE_THERE_IS_ONE
        and not any(accepted._replace(environments=(environment,)).covers(*finding) for finding in found)
    ]
