"""Say what a changed manifest would do to a running service, property by property."""

import re
from collections.abc import Iterator
from typing import Any, Literal, NamedTuple

Flat = dict[str, Any]
_LEVELS: dict[str, Literal["look", "dangerous"]] = {
    "DANGEROUS": "dangerous",
    "REPLACED": "dangerous",
    "LOOK": "look",
}


class Change(NamedTuple):
    """A property that differs, its values, and what a deployment of it does."""

    path: str
    before: Any
    after: Any
    verdict: str

    @property
    def level(self) -> Literal["safe", "look", "dangerous"]:
        """Return how much it is to be looked at, in a word."""
        return _LEVELS.get(self.verdict.partition(",")[0], "safe")

    @property
    def line(self) -> str:
        """Return it in one line."""
        return f"{self.verdict}: {self.path}: {_shown(self.before)} -> {_shown(self.after)}"


# The first that fits counts. Changes of a template make a new revision, all others are of the service itself:
# https://docs.cloud.google.com/run/docs/managing/revisions and
# https://learn.microsoft.com/en-us/azure/container-apps/revisions (change types)
_AZURE_FIREWALL = r"resources\.[^.]+\.properties\.(policySettings|customRules|managedRules)\."
_ROLLED, _IN_PLACE = "new revision, instances are rolled", "in place"
_RULES = (
    (r"metadata\.name|resources\.[^.]+\.name", "REPLACED, another service; the old one stays"),
    (r"resources\.[^.]+\.(location|properties\.managedEnvironmentId)", "REPLACED, Azure cannot move an app"),
    (r".*customDomains.*|.*managed\.domains.*", "DANGEROUS, a host name may end to answer"),
    (r"resource\.[^.]+\.[^.]+\.(name|region)", "REPLACED, another part of the load balancer"),
    (rf".*security_policy\..*|{_AZURE_FIREWALL}.*", "LOOK, the firewall decides otherwise"),
    (r".*serviceAccountName|resources\.[^.]+\.identity.*", "LOOK, it gets other rights"),
    (r"spec\.template\..*|resources\.[^.]+\.properties\.template\..*", _ROLLED),
    (r".*", _IN_PLACE),
)
_INGRESS = r".*(run\.googleapis\.com/ingress|ingress\.external|ipSecurityRestrictions.*|default-url-disabled)"
# What a firewall does with those whom a rule fits: without a rule, the next one decides.
_FIREWALL = r".*\.(rule\.\d+\.(action|preview)|policySettings\.mode)"
_REFUSES, _LETS_IN = ("deny(403)", False, "Prevention"), ("allow", "throttle", True, "Detection")
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
    if re.fullmatch(_FIREWALL, path) and _lets_in(after) != _lets_in(before):
        return _OPENER if _lets_in(after) > _lets_in(before) else _CLOSER
    return next(verdict for pattern, verdict in _RULES if re.fullmatch(pattern, path))


def _open(path: str, value: Any) -> int:
    """Return how open a value is: a list of allowed networks shuts out all others, unless there is none."""
    if "ipSecurityRestrictions" in path:
        return int(value is None)
    return {"all": 2, "internal-and-cloud-load-balancing": 1, True: 1, None: 1}.get(value, 0)


def _lets_in(value: Any) -> int:
    return (value in _LETS_IN) - (value in _REFUSES)


def _flat(node: Any, path: str = "") -> Flat:
    """Return every value by its path; items of a list by their name, so that an order means nothing."""
    if isinstance(node, dict):
        pairs = list(node.items())
    elif isinstance(node, list):
        pairs = [(_name(each, number, len(node)), each) for number, each in enumerate(node)]
    else:
        return {path: node}
    found: Flat = {}
    for key, each in pairs:
        found |= _flat(each, f"{path}.{key}" if path else str(key))
    return found


def _name(item: Any, number: int, count: int) -> str:
    # An app is one resource, whose own name may change.
    if not isinstance(item, dict) or ("apiVersion" in item and count == 1):
        return str(number)
    return str(item.get("name", item.get("displayName", item.get("priority", number))))


def _shown(value: Any) -> str:
    return "nothing" if value is None else str(value)
