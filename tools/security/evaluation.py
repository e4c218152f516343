"""Apply all controls to all environments, and find what is accepted and what is not."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from infra.policy import Accepted
from tools.accepted import REGISTER, stale
from tools.assembly import without_hash
from tools.security.control import Control, Finding, source
from tools.security.controls import CONTROLS, NOT_HERE
from tools.security.stack import Stack

# Rules that `tools.checkov` and the synth itself check.
_OF_OTHERS = ("CKV", "AwsSolutions-", "flask-fargate::")


@dataclass
class Verdict:
    """A control's result in one environment: resources that satisfy it, accepted findings, failures."""

    control: Control
    environment: str
    satisfied: list[str] = field(default_factory=list)
    accepted: list[tuple[Finding, str]] = field(default_factory=list)
    failed: list[Finding] = field(default_factory=list)

    @property
    def word(self) -> str:
        """Return the verdict in one word."""
        if self.failed:
            return "**fails**"
        if self.accepted:
            return "exception"
        return "✓" if self.satisfied else "n.a."


def evaluate(
    stacks: Iterable[Stack],
    *,
    accepted: Sequence[Accepted],
    controls: Iterable[Control] = CONTROLS,
) -> list[Verdict]:
    """Return a verdict for each control and environment."""
    return [_verdict(control, stack, accepted) for stack in stacks for control in controls]


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


def errors(stacks: Sequence[Stack], verdicts: Iterable[Verdict], team: Sequence[Accepted]) -> Iterator[str]:
    """Yield a line for each control that fails, each stale line of the team and each unchecked resource."""
    found = []
    for verdict in verdicts:
        for finding in verdict.failed:
            yield (
                f"{verdict.environment}: {verdict.control.id} ({verdict.control.asks}): "
                f"{without_hash(finding.resource)}: {finding.problem}. Correct it, or accept it with a "
                f"reason in {REGISTER}; {source(verdict.control.id)}"
            )
        found += [(verdict.control.id, verdict.environment, each.resource) for each, _ in verdict.accepted]
    known = {control.id for control in CONTROLS}
    yield from stale((each for each in team if each.rule in known), found)
    for each in team:
        if each.rule not in known and not each.rule.startswith(_OF_OTHERS):
            yield (
                f"{REGISTER}: there is no rule '{each.rule}': give the id of a finding, such as ELB.6, "
                "CKV_AWS_18, AwsSolutions-SQS3 or flask-fargate::timeouts"
            )
    for stack in stacks:
        for absent in NOT_HERE:
            for resource in stack.of_type(*absent.resource_types):
                yield (
                    f"{stack.environment}: {without_hash(resource)} has controls that are not checked "
                    f"({' to '.join(absent.controls)}): write them in tools/security/"
                )
