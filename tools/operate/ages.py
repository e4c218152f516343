"""Say how long ago something was."""

from datetime import UTC, datetime


def age(since: datetime) -> str:
    """Return how long ago something was, in the unit a person would choose."""
    seconds = max(0, int((datetime.now(UTC) - since).total_seconds()))
    for unit, length in (("d", 86_400), ("h", 3600), ("min", 60)):
        if seconds >= 2 * length:
            return f"{seconds // length} {unit}"
    return f"{seconds} s"
