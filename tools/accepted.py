"""Accept findings: those in the team's register, and those that follow from what an environment chooses."""

from collections import defaultdict
from collections.abc import Iterable, Iterator

from infra.parameters import Environment
from infra.policy import Accepted
from tools.assembly import without_hash
from tools.choices import CHOICES
from tools.environments import find

# Where a team writes what it accepts.
REGISTER = "infra/accepted.py"


def by_choice(environment: Environment) -> Iterator[Accepted]:
    """Yield the findings that the kit accepts in an environment because of its parameters."""
    for choice in CHOICES:
        if choice.when(environment):
            for rule in choice.rules:
                yield Accepted(rule, (environment.name,), choice.resource, choice.reason)


def of_the_kit(names: Iterable[str]) -> list[Accepted]:
    """Return what the kit accepts in the environments of these names."""
    return [accepted for name in names for accepted in by_choice(find(name))]


def stale(register: Iterable[Accepted], findings: Iterable[tuple[str, str, str]]) -> Iterator[str]:
    """Yield a line for each environment that a register names and that has no such finding any more.

    Findings are (rule, environment, resource). Patterns of environments, such as `*`, are never stale.
    """
    found = list(findings)
    for accepted in register:
        for name in accepted.environments:
            alone = accepted._replace(environments=(name,))
            if "*" not in name and not any(alone.covers(*finding) for finding in found):
                yield (
                    f"{REGISTER}: {accepted.rule} is not found at '{accepted.resource}' in {name}: "
                    "remove it from there"
                )


def told(covered: Iterable[tuple[str, str, str, str]]) -> Iterator[str]:
    """Yield a line for each accepted (rule, environment, resource, reason), the environments in one."""
    where: dict[tuple[str, str, str], list[str]] = defaultdict(list)
    for rule, environment, resource, reason in covered:
        where[rule, without_hash(resource), reason].append(environment)
    for (rule, resource, reason), names in where.items():
        yield f"accepted: {rule} at {resource} in {', '.join(dict.fromkeys(names))}: {reason}"
