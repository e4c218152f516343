"""Sum up a review: its environments, and which gates they trip."""

from dataclasses import dataclass
from typing import Any

from tools.review.commits import Side
from tools.review.reasons import Reason, Verdict, worst
from tools.review.review import Reviewed

GATES = ("never", "look", "dangerous", "destructive", "widening")


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """All that a report says; `notes` are about the comparison as a whole."""

    base: Side
    head: Side
    environments: list[Reviewed]
    notes: list[str]
    fail_on: tuple[str, ...]
    accepted: bool

    @property
    def verdict(self) -> Verdict:
        """Return the worst verdict of the environments."""
        return worst(each.verdict for each in self.environments)

    @property
    def tripped(self) -> list[str]:
        """Return the gates that something in the review trips."""
        return [gate for gate in self.fail_on if self._trips(gate)]

    @property
    def exit_code(self) -> int:
        """Return 0 if all is fine or accepted, 1 if a gate is tripped."""
        return 1 if self.tripped and not self.accepted else 0

    def _trips(self, gate: str) -> bool:
        if gate == "look":
            return self.verdict in ("look", "dangerous")
        if gate == "dangerous":
            return self.verdict == "dangerous"
        return any(each.has(gate) for each in self.environments)


def as_json(outcome: Outcome) -> dict[str, Any]:
    """Return the report for machines: version 1, to which keys may be added."""
    return {
        "version": 1,
        "base": {"ref": outcome.base.ref, "commit": outcome.base.commit, "tree": outcome.base.tree},
        "head": {"ref": outcome.head.ref, "commit": outcome.head.commit, "tree": outcome.head.tree},
        "verdict": outcome.verdict,
        "fail_on": list(outcome.fail_on),
        "tripped": outcome.tripped,
        "accepted": outcome.accepted,
        "exit_code": outcome.exit_code,
        "notes": outcome.notes,
        "environments": [_environment(each) for each in outcome.environments],
    }


def _environment(each: Reviewed) -> dict[str, Any]:
    return {
        "name": each.name,
        "verdict": each.verdict,
        "destructive": each.has("destructive"),
        "widening": each.has("widening"),
        "reasons": [_reason(reason, each) for reason in each.reasons],
        "resources": [
            {
                **change._asdict(),
                "properties": [found._asdict() for found in change.properties],
                "judged": [found._asdict() for found in change.judged],
            }
            for change in each.changes
        ],
        "wider": [{"level": reason.level, "text": reason.text} for reason in each.wider],
        "parameters": [found._asdict() for found in each.parameters],
        "images": [found._asdict() for found in each.images],
        "numbers": [found._asdict() for found in each.numbers],
        "findings": {
            name: [found._asdict() for found in listed] for name, listed in each.findings._asdict().items()
        },
        "cost": _sides(each.costs),
        "forecast": _sides(each.forecasts),
    }


def _reason(reason: Reason, each: Reviewed) -> dict[str, Any]:
    place = each.places.get(reason)
    return {**reason._asdict(), "place": place._asdict() if place else None}


def _sides(pair: tuple[Any, Any]) -> dict[str, Any]:
    return {name: side._asdict() if side else None for name, side in zip(("old", "new"), pair, strict=True)}
