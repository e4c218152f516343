"""Choose the records that Route 53 answers with, as it documents, from records as its API returns them.

https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/health-checks-how-route-53-chooses-records.html
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

Record = Mapping[str, Any]


def answers(
    records: Sequence[Record], *, failing: Collection[str], nearest: Sequence[str]
) -> dict[str, float]:
    """Return the share of visitors that each record gets, %, by its SetIdentifier.

    `failing` are the ids of health checks; `nearest` are a visitor's regions, the nearest one first.
    """
    healthy = [each for each in records if each.get("HealthCheckId") not in failing]
    # Where none is healthy, Route 53 takes all for healthy.
    left = healthy or list(records)
    if "Failover" in records[0]:
        primary = [each for each in left if each["Failover"] == "PRIMARY"]
        return {each["SetIdentifier"]: 100.0 for each in primary or left}
    if "Weight" in records[0]:
        # Records with the weight 0 serve only where no other is left.
        weighted = [each for each in left if each["Weight"]] or left
        total = sum(each["Weight"] for each in weighted)
        return {
            each["SetIdentifier"]: 100 * each["Weight"] / total if total else 100 / len(weighted)
            for each in weighted
        }
    best = min(left, key=lambda each: nearest.index(each["Region"]))
    return {best["SetIdentifier"]: 100.0}
