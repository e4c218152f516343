"""Answer an event of a custom resource.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref-responses.html
"""

import json
import urllib.request
from typing import Any

_LONGEST_ANSWER_BYTES = 4096

Event = dict[str, Any]


def answer(event: Event, reason: str) -> None:
    """Tell CloudFormation that the event is done or, with a reason, that it failed."""
    body = {
        "Status": "FAILED" if reason else "SUCCESS",
        "Reason": reason,
        # The same id for every event: CloudFormation sends a Delete event when the id changes.
        "PhysicalResourceId": event["LogicalResourceId"],
        **{key: event[key] for key in ("StackId", "RequestId", "LogicalResourceId")},
    }
    while len(data := json.dumps(body, ensure_ascii=False).encode()) > _LONGEST_ANSWER_BYTES:
        body["Reason"] = body["Reason"][:-100]
    # CloudFormation signs its URL for a request without a content type.
    request = urllib.request.Request(event["ResponseURL"], data, {"Content-Type": ""}, method="PUT")  # noqa: S310 (https)
    with urllib.request.urlopen(request, timeout=30):  # noqa: S310 (the same)
        pass
