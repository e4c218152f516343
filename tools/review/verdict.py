"""Judge the difference of two templates."""

from collections.abc import Sequence
from typing import NamedTuple

from tools.assembly import Template
from tools.review import resources
from tools.review.beside import beside_properties
from tools.review.engine import Difference, compare
from tools.review.iam import permissions
from tools.review.idle import eased
from tools.review.reach import narrower_reach, wider_reach
from tools.review.reasons import Reason, Verdict, worst
from tools.review.refused import refused
from tools.review.resolved import other_parts, resolved
from tools.review.resources import Change


class Pair(NamedTuple):
    """Two templates of one stack, and where it is deployed: aws://ACCOUNT/REGION."""

    old: Template
    new: Template
    environment: str = "aws://unknown-account/unknown-region"


class Judgement(NamedTuple):
    """Hold what changes between two templates, and what to think of it."""

    changes: list[Change]
    reasons: list[Reason]

    @property
    def verdict(self) -> Verdict:
        """Return the worst verdict among the reasons."""
        return worst(each.level for each in self.reasons)

    def has(self, kind: str) -> bool:
        """Return whether a reason is of a kind: destructive, or widening."""
        return any(each.kind == kind for each in self.reasons)


def judgements(pairs: Sequence[Pair]) -> list[Judgement]:
    """Return what to think of each pair; equal templates need no thought."""
    known = [
        tuple(resolved(each, environment=pair.environment) for each in (pair.old, pair.new)) for pair in pairs
    ]
    differences = compare([(old, new) for old, new in known])
    return [
        _judgement(pair, old, new, difference)
        for pair, (old, new), difference in zip(pairs, known, differences, strict=True)
    ]


def _judgement(pair: Pair, old: Template, new: Template, difference: Difference) -> Judgement:
    if pair.old == pair.new:
        return Judgement([], [])
    account = pair.environment.removeprefix("aws://").partition("/")[0]
    found = resources.changes(difference.resources, old, new)
    reasons = [
        *refused(found, old, new),
        *resources.reasons(found),
        *other_parts(pair.old, pair.new),
        *beside_properties(old, new),
        *wider_reach(old, new),
        *narrower_reach(old, new),
        *permissions(old, new, account=account if account.isdigit() else ""),
        *(Reason("safe", f"the stack's output {each} changes") for each in difference.outputs),
    ]
    if not reasons:
        reasons = [Reason("safe", "only the description or metadata of the template changes")]
    return Judgement(found, eased(reasons, old, new))
