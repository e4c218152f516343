"""Refuse Flask-SocketIO where clients that begin with long polling would be lost: rule `socketio`."""

import re
from collections.abc import Iterator

from infra.policy.image import Stage
from infra.policy.template import Container, Finding, Properties, dicts, number, of_type


def polling_findings(container: Container, image: Stage | None, template: Properties) -> Iterator[Finding]:
    """Yield what is wrong if the image has Flask-SocketIO, and a client's polls reach several processes."""
    if not image or not _needs_socketio(image):
        return
    wrong = []
    workers = number(container.variables.get("GUNICORN_WORKERS"))
    if workers and workers > 1:
        wrong.append(f"{workers} workers: set `tasks.workers` to 1")
    # Even a service of one task has two while a deployment replaces one.
    groups = [group for _, group in of_type(template, "AWS::ElasticLoadBalancingV2::TargetGroup")]
    if any(not _sticky(group) for group in groups):
        wrong.append("no sticky sessions: set `routing.sticky_s`, for example to 3600")
    if wrong:
        sentence = (
            f"container '{container.name}' has Flask-SocketIO, and {'; and '.join(wrong)}. A client that "
            "polls reaches processes that do not know it, and gets 400 (docs/recipes/socketio.py). Where "
            "clients use WebSocket alone, accept this"
        )
        yield Finding("socketio", container.logical_id, sentence)


def _needs_socketio(image: Stage) -> bool:
    lock = image.context / "requirements.txt"
    text = lock.read_text(errors="replace") if lock.is_file() else ""
    return re.search(r"^\s*flask[-_.]socketio\b", text, re.IGNORECASE | re.MULTILINE) is not None


def _sticky(group: Properties) -> bool:
    attributes = {pair.get("Key"): pair.get("Value") for pair in dicts(group.get("TargetGroupAttributes"))}
    return attributes.get("stickiness.enabled") == "true"
