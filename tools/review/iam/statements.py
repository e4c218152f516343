"""Collect the statements of all policies in a template: those of roles, and those of what they protect."""

import json
from collections.abc import Iterator
from typing import Any, Literal, NamedTuple

from tools.assembly import Template, as_list, references, without_hash
from tools.review.iam.conditions import Conditions, conditions
from tools.review.iam.text import texts

Kind = Literal["identity", "trust", "resource"]
_ATTACHED = (
    "AWS::IAM::Policy",
    "AWS::IAM::ManagedPolicy",
    "AWS::IAM::RolePolicy",
    "AWS::IAM::UserPolicy",
    "AWS::IAM::GroupPolicy",
)
_HOLDERS = ("Roles", "Users", "Groups", "RoleName", "UserName", "GroupName")


class Targets(NamedTuple):
    """Say what a statement is about; `all_but` turns it round."""

    values: tuple[str, ...]
    all_but: bool = False


class Statement(NamedTuple):
    """A statement; `holder` is the role or user that has it, or the resource that it protects."""

    holder: str
    kind: Kind
    allows: bool
    principals: Targets
    actions: Targets
    resources: Targets
    conditions: Conditions
    logical_id: str


class Policies(NamedTuple):
    """All statements of a template, policies attached by name, and those that only AWS can read."""

    statements: list[Statement]
    attached: set[tuple[str, str]]
    unreadable: set[tuple[str, str]]


def is_policy(value: Any) -> bool:
    """Return whether a value is a policy, and not a rule of a firewall, which has statements too."""
    if not isinstance(value, dict) or "Statement" not in value:
        return False
    return "Version" in value or any(
        "Effect" in each for each in as_list(value["Statement"]) if isinstance(each, dict)
    )


def policies(template: Template) -> Policies:
    """Return all that the policies of a template say."""
    found = Policies([], set(), set())
    for logical_id, resource in template["Resources"].items():
        properties = resource.get("Properties", {})
        kind = resource.get("Type", "")
        if kind in _ATTACHED:
            for holder in _holders(logical_id, properties):
                _read(found, properties.get("PolicyDocument"), holder, "identity", logical_id)
        elif kind.startswith("AWS::IAM::"):
            _of_identity(found, logical_id, properties)
        else:
            for document in _documents(properties):
                _read(found, document, without_hash(logical_id), "resource", logical_id)
    return found


def _holders(logical_id: str, properties: dict[str, Any]) -> list[str]:
    named = [each for key in _HOLDERS for each in as_list(properties.get(key))]
    found = [without_hash(next(iter(references(each)), None) or texts(each)[0]) for each in named]
    return found or [f"whoever has {without_hash(logical_id)}"]


def _of_identity(found: Policies, logical_id: str, properties: dict[str, Any]) -> None:
    name = without_hash(logical_id)
    _read(found, properties.get("AssumeRolePolicyDocument"), name, "trust", logical_id)
    for each in as_list(properties.get("Policies")):
        if isinstance(each, dict):
            _read(found, each.get("PolicyDocument"), name, "identity", logical_id)
    for arn in texts(properties.get("ManagedPolicyArns")):
        found.attached.add((name, arn))


def _documents(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        if is_policy(value):
            yield value
            return
        for each in value.values():
            if isinstance(each, str) and '"Statement"' in each:
                yield each
            else:
                yield from _documents(each)
    elif isinstance(value, list):
        for each in value:
            yield from _documents(each)


def _read(found: Policies, document: Any, holder: str, kind: Kind, logical_id: str) -> None:
    if isinstance(document, str):
        try:
            document = json.loads(document)
        except ValueError:
            found.unreadable.add((holder, document))
            return
    if document in (None, {}):
        return
    statements = as_list(document.get("Statement")) if isinstance(document, dict) else []
    if not isinstance(document, dict) or "Statement" not in document:
        found.unreadable.add((holder, json.dumps(document, sort_keys=True)))
    for each in statements:
        if isinstance(each, dict) and isinstance(each.get("Effect"), str):
            found.statements.append(_statement(each, holder, kind, logical_id))
        else:
            found.unreadable.add((holder, json.dumps(each, sort_keys=True)))


def _statement(written: dict[str, Any], holder: str, kind: Kind, logical_id: str) -> Statement:
    own = {"identity": (holder,), "trust": (), "resource": ()}[kind]
    return Statement(
        holder=holder,
        kind=kind,
        allows=written["Effect"] == "Allow",
        principals=_principals(written) if kind != "identity" else Targets(own),
        actions=_targets(written, "Action"),
        resources=_targets(written, "Resource")
        if "Resource" in written or "NotResource" in written
        else Targets((holder,)),
        conditions=conditions(written.get("Condition")),
        logical_id=logical_id,
    )


def _targets(written: dict[str, Any], key: str) -> Targets:
    if f"Not{key}" in written:
        return Targets(texts(written[f"Not{key}"]), all_but=True)
    return Targets(texts(written.get(key)))


def _principals(written: dict[str, Any]) -> Targets:
    """Return principals with their kind before them; `*` is everybody."""
    key = "NotPrincipal" if "NotPrincipal" in written else "Principal"
    value = written.get(key)
    if isinstance(value, dict) and not ({"Ref", "Fn::GetAtt", "Fn::Sub", "Fn::Join"} & set(value)):
        pairs = [(kind, each) for kind, several in value.items() for each in texts(several)]
        found = tuple("*" if each == "*" else _named(kind, each) for kind, each in pairs)
    else:
        found = texts(value)
    return Targets(found, all_but=key == "NotPrincipal")


def _named(kind: str, principal: str) -> str:
    # An account's number means its root.
    if kind == "AWS" and principal.isdigit():
        principal = f"arn:aws:iam::{principal}:root"
    if kind == "AWS" and principal == "${AWS::AccountId}":
        principal = "arn:aws:iam::${AWS::AccountId}:root"
    return f"{kind}:{principal.replace('${AWS::Partition}', 'aws')}"
