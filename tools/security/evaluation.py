"""Evaluation: all controls over all environments, less what is accepted."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from tools.security.accepted import Accepted, stale
from tools.security.control import Control, Finding, source
from tools.security.controls import CONTROLS, NOT_HERE
from tools.security.exceptions import EXCEPTIONS
from tools.security.stack import Stack, readable


@dataclass
class Verdict:
    """What a control says of one environment."""

    control: Control
    environment: str
    satisfied: list[str] = field(default_factory=list)
    accepted: list[tuple[Finding, str]] = field(default_factory=list)
    failed: list[Finding] = field(default_factory=list)

    @property
    def word(self) -> str:
        """The verdict for the summary."""
        if self.failed:
            return "**fails**"
        if self.accepted:
            return "exception"
        return "✓" if self.satisfied else "n.a."


def evaluate(
    stacks: Iterable[Stack],
    *,
    controls: Iterable[Control] = CONTROLS,
    register: Sequence[Accepted] = EXCEPTIONS,
) -> list[Verdict]:
    """A verdict for each control and environment."""
    return [_verdict(control, stack, register) for stack in stacks for control in controls]


def _verdict(control: Control, stack: Stack, register: Sequence[Accepted]) -> Verdict:
    verdict = Verdict(control, stack.environment)
    found = list(control.check(stack))
    problems = [finding for finding in found if finding.problem]
    broken = {finding.resource for finding in problems}
    verdict.satisfied = sorted({finding.resource for finding in found} - broken)
    for finding in problems:
        reasons = [
            each.reason for each in register if each.covers(control.id, stack.environment, finding.resource)
        ]
        if reasons:
            verdict.accepted.append((finding, reasons[0]))
        else:
            verdict.failed.append(finding)
    return verdict


def errors(
    stacks: Sequence[Stack], verdicts: Iterable[Verdict], register: Sequence[Accepted] = EXCEPTIONS
) -> Iterator[str]:
    """A line for each control that fails, each stale exception and each resource that is not checked."""
    excepted = []
    for verdict in verdicts:
        for finding in verdict.failed:
            yield (
                f"{verdict.environment}: {verdict.control.id} ({verdict.control.asks}): "
                f"{readable(finding.resource)}: {finding.problem}. Mend it, or accept it with a reason in "
                f"tools/security/exceptions.py; {source(verdict.control.id)}"
            )
        excepted += [
            (verdict.control.id, verdict.environment, finding.resource) for finding, _ in verdict.accepted
        ]
    for line in stale(register, excepted):
        yield f"tools/security/exceptions.py: {line}"
    for stack in stacks:
        for absent in NOT_HERE:
            for resource in stack.of_type(*absent.resource_types):
                yield (
                    f"{stack.environment}: {readable(resource)} has controls that are not checked "
                    f"({' to '.join(absent.controls)}): write them in tools/security/"
                )
