"""Define a control of AWS Security Hub as a function over a template."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from tools.security.stack import Stack

GUIDE = "https://docs.aws.amazon.com/securityhub/latest/userguide"


class Finding(NamedTuple):
    """A control's result for one resource; without a problem the control is satisfied."""

    resource: str
    problem: str | None

    @classmethod
    def of(cls, resource: str, satisfied: object, problem: str) -> "Finding":
        """Return a finding with the problem, unless the control is satisfied."""
        return cls(resource, None if satisfied else problem)


Findings = Iterator[Finding]


@dataclass(frozen=True)
class Control:
    """A control, and why it does not apply where it finds no resource."""

    id: str
    asks: str
    check: Callable[[Stack], Findings]
    absent: str
    in_fsbp: bool


def source(control_id: str) -> str:
    """Return the address of the page that defines a control such as ECS.5."""
    service, number = control_id.lower().split(".")
    return f"{GUIDE}/{service}-controls.html#{service}-{number}"


def control(
    control_id: str, *, absent: str, in_fsbp: bool = True
) -> Callable[[Callable[[Stack], Findings]], Control]:
    """Make a control of a check, whose docstring is "Require that ..." and names what the control asks."""

    def make(check: Callable[[Stack], Findings]) -> Control:
        asks = (check.__doc__ or "").removeprefix("Require that ").removesuffix(".")
        return Control(
            id=control_id, asks=asks[:1].upper() + asks[1:], check=check, absent=absent, in_fsbp=in_fsbp
        )

    return make
