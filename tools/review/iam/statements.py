"""Collect the statements of all policies in a template: those of roles, and those of what they protect."""

import json
import re
from collections.abc import Iterator
from typing import Any, Literal, NamedTuple

from tools.assembly import Template, as_list, references, without_hash
from tools.review.iam.conditions import Conditions, conditions
from tools.review.iam.text import texts

# A way is an endpoint, through which whoever has a right may use it.
Kind = Literal["identity", "trust", "resource", "way"]
_ATTACHED = (
    "AWS::IAM::Policy",
    "AWS::IAM::ManagedPolicy",
    "AWS::IAM::RolePolicy",
    "AWS::IAM::UserPolicy",
    "AWS::IAM::GroupPolicy",
)
_ENDPOINT = "AWS::EC2::VPCEndpoint"
# Each of these is one statement, with its conditions under names of their own.
_ONE_STATEMENT = (
    "AWS::Lambda::Permission",
    "AWS::Lambda::LayerVersionPermission",
    "AWS::Events::EventBusPolicy",
)
_LIMITS = {
    "SourceArn": "aws:SourceArn",
    "SourceAccount": "aws:SourceAccount",
    "PrincipalOrgID": "aws:PrincipalOrgID",
    "OrganizationId": "aws:PrincipalOrgID",
}
# Where policies that are resources of their own say what they protect.
_ABOUT = {
    "AWS::S3::BucketPolicy": "Bucket",
    "AWS::SQS::QueuePolicy": "Queues",
    "AWS::SQS::QueueInlinePolicy": "Queue",
    "AWS::SNS::TopicPolicy": "Topics",
    "AWS::SNS::TopicInlinePolicy": "TopicArn",
    "AWS::SecretsManager::ResourcePolicy": "SecretId",
    "AWS::Lambda::Permission": "FunctionName",
    "AWS::Lambda::LayerVersionPermission": "LayerVersionArn",
    "AWS::Events::EventBusPolicy": "EventBusName",
}
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
            protects: Kind = "way" if kind == _ENDPOINT else "resource"
            for document in (*_written_out(kind, properties), *_documents(properties)):
                for holder in _protected(kind, logical_id, properties):
                    _read(found, document, holder, protects, logical_id)
    return found


def _holders(logical_id: str, properties: dict[str, Any]) -> list[str]:
    named = [each for key in _HOLDERS for each in as_list(properties.get(key))]
    return [_name(each) for each in named] or [f"whoever has {without_hash(logical_id)}"]


def _protected(kind: str, logical_id: str, properties: dict[str, Any]) -> list[str]:
    """Return what a policy is about: that stays, if the policy comes or goes, or gets another id."""
    return [_name(each) for each in as_list(properties.get(_ABOUT.get(kind, "")))] or [
        without_hash(logical_id)
    ]


def _name(value: Any) -> str:
    return without_hash(next(iter(references(value)), None) or texts(value)[0])


def _of_identity(found: Policies, logical_id: str, properties: dict[str, Any]) -> None:
    name = without_hash(logical_id)
    _read(found, properties.get("AssumeRolePolicyDocument"), name, "trust", logical_id)
    for each in as_list(properties.get("Policies")):
        if isinstance(each, dict):
            _read(found, each.get("PolicyDocument"), name, "identity", logical_id)
    for arn in texts(properties.get("ManagedPolicyArns")):
        found.attached.add((name, arn))


def _written_out(kind: str, properties: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield what a resource allows without a policy: one statement in its properties, or AWS's default."""
    if kind == _ENDPOINT and not properties.get("PolicyDocument"):
        # https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-access.html
        yield {"Statement": {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}}
    if kind not in _ONE_STATEMENT or not isinstance(properties.get("Principal"), str | dict):
        return
    named: dict[str, Any] = {key: properties[name] for name, key in _LIMITS.items() if name in properties}
    condition = properties.get("Condition")
    if isinstance(condition, dict) and {"Key", "Value"} <= set(condition):
        named[str(condition["Key"])] = condition["Value"]
    principal = properties["Principal"]
    service = isinstance(principal, str) and re.fullmatch(
        r"[\w-]+(\.[\w-]+)*\.amazonaws\.com(\.cn)?", principal
    )
    yield {
        "Statement": {
            "Effect": "Allow",
            "Principal": {"Service": principal} if service else {"AWS": principal},
            "Action": properties.get("Action"),
            "Condition": {"StringLike": named} if named else None,
        }
    }


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
    own = (holder,) if kind == "identity" else ()
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
