"""Find what a change newly allows roles and others to do, and protection that it takes away."""

import json
import re
from collections.abc import Iterator
from typing import Any

from tools.assembly import without_hash
from tools.review.engine import Difference, Resource
from tools.review.reasons import Reason, Verdict, listed

_EVERYTHING = ("AdministratorAccess", "PowerUserAccess", "IAMFullAccess")
# With one of these actions on every resource, a role can become any other.
_TAKES_OVER = ("iam:passrole", "iam:*", "sts:assumerole", "iam:attachrolepolicy", "iam:putrolepolicy")
_TARGETS = ("principals", "actions", "resources")
_GUARDS = {
    "AWS::WAFv2::WebACL": "requests are no longer filtered by the firewall",
    "AWS::WAFv2::WebACLAssociation": "requests are no longer filtered by the firewall",
}


def wider_permissions(difference: Difference) -> Iterator[Reason]:
    """Yield a sentence for each permission that was not there before."""
    removed = [_readable(each) for each in difference.removed_statements]
    for statement in map(_readable, difference.statements):
        allows = statement.get("effect") == "Allow"
        if "unparsed" in statement:
            text = f"a policy is made of what only AWS knows, so read it yourself: {statement['unparsed']}"
            yield Reason("look", text, "widening")
        elif allows and not any(_covers(known, statement) for known in removed):
            yield Reason(_level(statement), _sentence(statement), "widening")
    added = [_readable(each) for each in difference.statements]
    for statement in removed:
        if statement.get("effect") == "Deny" and not any(_same(statement, other) for other in added):
            actions = listed(statement["actions"]["values"])
            yield Reason("look", f"it is no longer forbidden to do {actions} on {_on(statement)}", "widening")
    for policy in difference.managed_policies:
        name = policy.get("managedPolicyArn", policy.get("unparsed", "?")).rpartition("/")[2]
        who = without_hash(_words(policy.get("identityArn", "?")))
        level: Verdict = "dangerous" if name in _EVERYTHING else "look"
        yield Reason(level, f"{who} now has AWS's policy {name}", "widening")
    yield from _guards(difference.resources)


def _guards(resources: list[Resource]) -> Iterator[Reason]:
    gone = {
        _GUARDS[each.type] for each in resources if each.type in _GUARDS and each.impact == "WILL_DESTROY"
    }
    back = {_GUARDS[each.type] for each in resources if each.type in _GUARDS and each.impact == "WILL_CREATE"}
    for text in gone - back:
        yield Reason("dangerous", text, "widening")
    for each in resources:
        for change in each.properties:
            if change.path == "PublicAccessBlockConfiguration" and each.impact != "WILL_CREATE":
                before = {key for key, value in (change.old or {}).items() if value}
                if before - {key for key, value in (change.new or {}).items() if value}:
                    name = without_hash(each.logical_id)
                    text = f"{name} may be made public: less public access to it is blocked"
                    yield Reason("dangerous", text, "widening")
            if each.type == "AWS::WAFv2::WebACL" and change.path in ("Rules", "DefaultAction") and change.old:
                yield Reason("look", "the firewall's rules change: see what it no longer stops")


def _level(statement: dict[str, Any]) -> Verdict:
    actions = [action.lower() for action in statement["actions"]["values"]]
    everywhere = "*" in statement["resources"]["values"] or statement["resources"]["not"]
    anyone = any(each in ("*", "AWS:*") for each in statement["principals"]["values"])
    unlimited = any(action == "*" or action.endswith(":*") for action in actions)
    takes_over = everywhere and any(action in _TAKES_OVER for action in actions)
    negated = any(statement[part]["not"] for part in ("principals", "actions"))
    open_to_all = anyone and not statement.get("condition")
    return "dangerous" if open_to_all or unlimited or takes_over or negated else "look"


def _sentence(statement: dict[str, Any]) -> str:
    principals = [_words(each) for each in statement["principals"]["values"]]
    who = "anyone" if principals in (["*"], ["AWS:*"]) else listed(principals)
    if statement["principals"]["not"]:
        who = f"everybody but {who}"
    actions = listed(statement["actions"]["values"])
    if statement["actions"]["not"]:
        actions = f"everything but {actions}"
    condition = " (under a condition)" if statement.get("condition") else ""
    return f"{who} may now do {actions} on {_on(statement)}{condition}"


def _on(statement: dict[str, Any]) -> str:
    resources = [_words(each) for each in statement["resources"]["values"]]
    where = "every resource" if resources == ["*"] else listed(resources, most=3)
    return f"everything but {where}" if statement["resources"]["not"] else where


def _words(target: str) -> str:
    """Return a principal or resource as people would call it."""
    target = re.sub(r"\$\{(\w+)(?:\.\w+)?\}", lambda match: without_hash(match[1]), target)
    return re.sub(r"^(AWS|Service):", "", target)


def _readable(statement: dict[str, Any]) -> dict[str, Any]:
    """Return a statement without the hashes of ids: a renamed resource is not a new permission."""
    text = re.sub(r"(\w+?)[0-9A-F]{8}(?=[.}])", r"\1", json.dumps(statement))
    return dict(json.loads(text))


def _same(one: dict[str, Any], other: dict[str, Any]) -> bool:
    return {**one, "sid": ""} == {**other, "sid": ""}


def _covers(known: dict[str, Any], statement: dict[str, Any]) -> bool:
    """Return whether a removed statement already allowed all of this one."""
    if (
        "unparsed" in known
        or known.get("effect") != "Allow"
        or known.get("condition") != statement.get("condition")
    ):
        return False
    return all(
        known[part]["not"] == statement[part]["not"] is False
        and ("*" in known[part]["values"] or set(statement[part]["values"]) <= set(known[part]["values"]))
        for part in _TARGETS
    )
