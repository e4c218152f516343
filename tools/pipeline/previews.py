"""Find the previews that nobody needs any more, and remove them."""

import re
from collections.abc import Collection, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from botocore.exceptions import WaiterError

from tools.pipeline.errors import PipelineError

# infra/environments.py gives previews this tag.
DAYS_TAG = "expires-after-days"
_STACK = re.compile(r"Web-pr-([1-9]\d*)")
_POLL_S = 15
_POLLS = 120  # half an hour: a load balancer drains, and a cluster waits for its service
_GONE = {"DELETE_COMPLETE", "DELETE_IN_PROGRESS"}


class Preview(NamedTuple):
    """The stack of a pull request."""

    stack: str
    number: int
    changed_at: datetime
    days: int | None


def deployed(cloudformation: Any) -> Iterator[Preview]:
    """Yield all previews of an account and region."""
    for page in cloudformation.get_paginator("list_stacks").paginate():
        for summary in page["StackSummaries"]:
            named = _STACK.fullmatch(summary["StackName"])
            if not named or summary["StackStatus"] in _GONE:
                continue
            [stack] = cloudformation.describe_stacks(StackName=summary["StackId"])["Stacks"]
            tags = {tag["Key"]: tag["Value"] for tag in stack.get("Tags", [])}
            days = tags.get(DAYS_TAG, "")
            yield Preview(
                stack=summary["StackName"],
                number=int(named[1]),
                changed_at=stack.get("LastUpdatedTime") or stack["CreationTime"],
                days=int(days) if days.isdecimal() else None,
            )


def due(
    previews: Iterable[Preview], *, open_pull_requests: Collection[int], now: datetime
) -> Iterator[tuple[Preview, str]]:
    """Yield the previews to remove, each with the reason."""
    for preview in previews:
        if preview.number not in open_pull_requests:
            yield preview, f"#{preview.number} is closed"
        elif preview.days is not None and now - preview.changed_at > timedelta(days=preview.days):
            yield preview, f"unchanged for more than {preview.days} days"


def remove(cloudformation: Any, stacks: Collection[str], *, poll_s: float = _POLL_S) -> None:
    """Delete stacks, all at once, and wait; raises PipelineError for those that stay."""
    for stack in stacks:
        cloudformation.delete_stack(StackName=stack)
    staying = []
    for stack in stacks:
        try:
            cloudformation.get_waiter("stack_delete_complete").wait(
                StackName=stack, WaiterConfig={"Delay": poll_s, "MaxAttempts": _POLLS}
            )
        except WaiterError as error:
            staying.append(f"{stack} ({error})")
    if staying:
        raise PipelineError(f"not removed: {'; '.join(staying)}. `make why ENV=pr-NUMBER` looks further.")


def now() -> datetime:
    """Return the time now, from which expiry is counted."""
    return datetime.now(UTC)
