"""Print how the review does on the seeded changes: what it misses, and where it cries at nothing."""

import argparse
from collections import Counter

from tests.review.seeded import attacked, guards, reported, requests, rights, surprising, tasks
from tests.review.seeded.case import Case
from tools.review.verdict import Judgement, Pair, judgements

CASES: list[Case] = [
    *requests.CASES,
    *tasks.CASES,
    *guards.CASES,
    *rights.CASES,
    *reported.CASES,
    *attacked.CASES,
    *surprising.CASES,
]
_VERDICTS = ("safe", "look", "dangerous")


def judged() -> list[Judgement]:
    """Return what the review says of each case, in their order."""
    return judgements([Pair(each.old, each.new, each.environment) for each in CASES])


def figures(expected: list[bool], found: list[bool]) -> str:
    """Return precision and recall: how much of what is said is right, how much of what is right is said."""
    right = sum(one and other for one, other in zip(expected, found, strict=True))
    return f"precision {right / max(1, sum(found)):.1%}, recall {right / max(1, sum(expected)):.1%}"


def main() -> None:
    """Print a line for each question that a gate asks, and each case that is judged otherwise."""
    argparse.ArgumentParser(prog="python -m workshop.review_figures", description=__doc__).parse_args()
    found = judged()
    counts = Counter(each.verdict for each in CASES)
    print(f"{len(CASES)} changes, {len(reported.CASES)} of them reported by others: {dict(counts)}")
    for verdict in _VERDICTS[1:]:
        worse = _VERDICTS[_VERDICTS.index(verdict) :]
        said = figures([each.verdict in worse for each in CASES], [each.verdict in worse for each in found])
        print(f"{verdict} or worse: {said}")
    print(f"widening: {figures([each.wider for each in CASES], [each.has('widening') for each in found])}")
    for case, judgement in zip(CASES, found, strict=True):
        if (case.verdict, case.wider) != (judgement.verdict, judgement.has("widening")):
            print(f"otherwise: {case.what}: {judgement.verdict}, expected {case.verdict}")


if __name__ == "__main__":
    main()
