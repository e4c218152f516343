"""Say what a changed manifest would do to a running service, property by property."""

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

Flat = dict[str, Any]


class Change(NamedTuple):
    """A property that differs, its values, and what a deployment of it does."""

    path: str
    before: Any
    after: Any
    verdict: str

    @property
    def line(self) -> str:
        """Return it in one line."""
        return f"{self.verdict}: {self.path}: {_shown(self.before)} -> {_shown(self.after)}"


# The first that fits counts. Changes of a template make a new revision, all others are of the service itself:
# https://docs.cloud.google.com/run/docs/managing/revisions and
# https://learn.microsoft.com/en-us/azure/container-apps/revisions (change types)
_ROLLED, _IN_PLACE = "new revision, instances are rolled", "in place"
_RULES = (
    (r"metadata\.name|resources\.[^.]+\.name", "REPLACED, another service; the old one stays"),
    (r"resources\.[^.]+\.(location|properties\.managedEnvironmentId)", "REPLACED, Azure cannot move an app"),
    (r".*customDomains.*", "DANGEROUS, a host name may end to answer"),
    (r".*serviceAccountName|resources\.[^.]+\.identity.*", "LOOK, it gets other rights"),
    (r"spec\.template\..*|resources\.[^.]+\.properties\.template\..*", _ROLLED),
    (r".*", _IN_PLACE),
)
_INGRESS = r".*(run\.googleapis\.com/ingress|ingress\.external|ipSecurityRestrictions.*|default-url-disabled)"
_OPENER, _CLOSER = "DANGEROUS, more people get in", "LOOK, fewer people get in"


def changes(before: dict[str, Any], after: dict[str, Any]) -> Iterator[Change]:
    """Yield each property that differs, the dangerous ones first."""
    old, new = _flat(before), _flat(after)
    found = [
        Change(path, old.get(path), new.get(path), _verdict(path, old.get(path), new.get(path)))
        for path in sorted(old.keys() | new.keys())
        if old.get(path) != new.get(path)
    ]
    yield from sorted(found, key=lambda each: not each.verdict[:2].isupper())


def _verdict(path: str, before: Any, after: Any) -> str:
    if re.fullmatch(_INGRESS, path):
        return _OPENER if _open(path, after) > _open(path, before) else _CLOSER
    return next(verdict for pattern, verdict in _RULES if re.fullmatch(pattern, path))


def _open(path: str, value: Any) -> int:
    """Return how open a value is: a list of allowed networks shuts out all others, unless there is none."""
    if "ipSecurityRestrictions" in path:
        return int(value is None)
    return {"all": 2, "internal-and-cloud-load-balancing": 1, True: 1, None: 1}.get(value, 0)


def _flat(node: Any, path: str = "") -> Flat:
    """Return every value by its path; items of a list by their name, so that an order means nothing."""
    if isinstance(node, dict):
        pairs = list(node.items())
    elif isinstance(node, list):
        pairs = [(_name(each, number), each) for number, each in enumerate(node)]
    else:
        return {path: node}
    found: Flat = {}
    for key, each in pairs:
        found |= _flat(each, f"{path}.{key}" if path else str(key))
    return found


def _name(item: Any, number: int) -> str:
    # An app is one resource, whose own name may change.
    named = isinstance(item, dict) and "apiVersion" not in item
    return str(item.get("name", number)) if named else str(number)


def _shown(value: Any) -> str:
    return "nothing" if value is None else str(value)
