"""Read the rates and seconds of a load, and refuse a load that nobody meant."""

import ipaddress
import re
from urllib.parse import urlsplit

MOST_RATE, MOST_S = 2000, 1800
STEPS = 5


class LoadError(ValueError):
    """An error in what was asked for: the message says what, and what is allowed."""


def rates(text: str) -> list[float]:
    """Return the rates of `50`, or of `10..200`, which are five from the first to the last."""
    found = re.fullmatch(r"(\d+(?:\.\d+)?)(?:/s)?(?:\.\.(\d+(?:\.\d+)?)(?:/s)?)?", text)
    if not found:
        raise LoadError(f"RATE is '{text}': expected visits a second such as 50, or 10..200 for five rates")
    first, last = float(found[1]), float(found[2] or found[1])
    if not 0 < first <= last <= MOST_RATE:
        raise LoadError(f"RATE is '{text}': expected more than 0, at most {MOST_RATE}, the lower one first")
    count = STEPS if last > first else 1
    return [first + (last - first) * step / max(1, count - 1) for step in range(count)]


def seconds(text: str) -> float:
    """Return the seconds of `30s`, `2m` or `30`."""
    found = re.fullmatch(r"(\d+)(s|m|)", text)
    value = int(found[1]) * (60 if found[2] == "m" else 1) if found else 0
    if not 1 <= value <= MOST_S:
        raise LoadError(f"FOR is '{text}': expected 1s to {MOST_S}s, such as 30s or 2m")
    return float(value)


def loopback(url: str) -> bool:
    """Return whether a URL leads to this machine. Raises LoadError for anything but HTTP."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise LoadError(f"URL is '{url}': expected such as http://127.0.0.1:8080")
    if parts.hostname == "localhost":
        return True
    try:
        return ipaddress.ip_address(parts.hostname).is_loopback
    except ValueError:
        return False


def check_permission(url: str, *, permitted: str | None) -> str:
    """Return the host of a URL; raise LoadError unless it is this machine or `permitted`."""
    host = urlsplit(url).hostname or ""
    if not loopback(url) and permitted != host:
        raise LoadError(
            f"{host} is not this machine. A load there is paid for, may set off alarms and lock out users, "
            f"and needs the consent of whoever runs it: say so by OTHER_HOST={host}"
        )
    return host
