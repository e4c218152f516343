"""Register findings that a team accepts: the rule, the place and the reason."""

import re
from collections.abc import Iterable
from fnmatch import fnmatchcase
from typing import NamedTuple

from aws_cdk import CfnResource, Stack

from infra.acknowledge import acknowledge

EVERYWHERE = ("*",)


class Accepted(NamedTuple):
    """Accept what one rule finds on some resources of some environments.

    `rule` is the id that the finding names, such as AwsSolutions-SQS3, ELB.6 or CKV_AWS_18. `environments`
    are names, or EVERYWHERE. `resource` is a logical id without the hash at its end, and may end in `*`.
    """

    rule: str
    environments: tuple[str, ...]
    resource: str
    reason: str

    def covers(self, rule: str, environment: str, resource: str) -> bool:
        """Return whether this finding is accepted."""
        return (
            self.rule == rule
            and any(fnmatchcase(environment, each) for each in self.environments)
            and fnmatchcase(without_hash(resource), self.resource)
        )


def without_hash(logical_id: str) -> str:
    """Return a logical id as people write it, without the eight characters that the CDK adds."""
    return re.sub(r"[0-9A-F]{8}$", "", logical_id)


def accept_at_synth(stack: Stack, environment_name: str, register: Iterable[Accepted]) -> None:
    """Switch off the rules that run during a synth, on the resources that the register names.

    The reasons go to cdk.out/validation-report.json. `make lint` applies the rules of checkov and Security
    Hub.
    """
    wanted = [
        each
        for each in register
        if each.rule.startswith(("AwsSolutions-", "flask-fargate::"))
        and any(fnmatchcase(environment_name, name) for name in each.environments)
    ]
    if not wanted:
        return
    for construct in stack.node.find_all():
        if isinstance(construct, CfnResource):
            logical_id = stack.resolve(construct.logical_id)
            for accepted in wanted:
                if fnmatchcase(without_hash(logical_id), accepted.resource):
                    acknowledge(construct, rule=accepted.rule, reason=accepted.reason)
