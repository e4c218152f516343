"""Find what a change does to each resource of a running system."""

from collections.abc import Iterator
from typing import Literal, NamedTuple, get_args

from tools.assembly import Template, without_hash
from tools.review.engine import Property, Resource
from tools.review.moves import moves
from tools.review.reasons import Reason

Effect = Literal["replaced", "removed", "interrupted", "updated", "added"]
EFFECTS: tuple[Effect, ...] = get_args(Effect)

_EFFECT_OF: dict[str, Effect] = {
    "WILL_REPLACE": "replaced",
    # The engine's data has what AWS documents as "Some interruptions" under this:
    # https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-updating-stacks-update-behaviors.html
    "MAY_REPLACE": "interrupted",
    "WILL_DESTROY": "removed",
    "WILL_ORPHAN": "removed",
    "WILL_CREATE": "added",
}
# CloudFormation calls these updates without interruption, but clients of the old port get no answer.
_INTERRUPTS = {"AWS::ElasticLoadBalancingV2::Listener": ("Port", "Protocol")}
# Replacing these is what a deployment does, and nobody notices.
_REVISIONS = {
    "AWS::ECS::TaskDefinition": "a new revision: the deployment replaces the tasks step by step",
    "AWS::Lambda::Version": "a new version",
}
# Requests pass through these: users notice while one of them is replaced or gone.
_IN_THE_WAY = (
    "AWS::CertificateManager::Certificate",
    "AWS::CloudFront::Distribution",
    "AWS::CloudFront::VpcOrigin",
    "AWS::EC2::EIP",
    "AWS::EC2::InternetGateway",
    "AWS::EC2::NatGateway",
    "AWS::EC2::SecurityGroup",
    "AWS::EC2::Subnet",
    "AWS::EC2::VPC",
    "AWS::EC2::VPCEndpoint",
    "AWS::ECS::Cluster",
    "AWS::ECS::Service",
    "AWS::ElasticLoadBalancingV2::Listener",
    "AWS::ElasticLoadBalancingV2::ListenerRule",
    "AWS::ElasticLoadBalancingV2::LoadBalancer",
    "AWS::ElasticLoadBalancingV2::TargetGroup",
    "AWS::Route53::RecordSet",
)
_LOSES = {
    "AWS::ElasticLoadBalancingV2::LoadBalancer": "its DNS name changes, and it answers nobody in between",
    "AWS::Logs::LogGroup": "the lines in it are lost",
    "AWS::SecretsManager::Secret": "the value in it is lost",
}


class Change(NamedTuple):
    """A resource, what happens to it, and a note for the reviewer."""

    logical_id: str
    type: str
    effect: Effect
    stateful: bool
    note: str
    properties: list[Property]

    @property
    def name(self) -> str:
        """Return type and readable id."""
        return f"{self.type.removeprefix('AWS::')} {without_hash(self.logical_id)}"


def changes(resources: list[Resource], old: Template, new: Template) -> list[Change]:
    """Return every resource that changes, the worst first, and among those the ones with state."""
    moved = dict(moves(resources, old, new))
    found = [_change(each, old, moved) for each in resources if each.properties or each.impact in _EFFECT_OF]
    return sorted(found, key=lambda each: (EFFECTS.index(each.effect), not each.stateful, each.logical_id))


def _change(resource: Resource, old: Template, moved: dict[str, str]) -> Change:
    effect = _EFFECT_OF.get(resource.impact, "updated")
    note = ""
    if effect == "replaced" and resource.type in _REVISIONS:
        effect, note = "updated", _REVISIONS[resource.type]
    elif effect == "updated" and any(
        each.path in _INTERRUPTS.get(resource.type, ()) for each in resource.properties
    ):
        effect, note = "interrupted", "who uses the old port or protocol gets no answer"
    elif resource.logical_id in moved:
        note = (
            f"the same as {without_hash(moved[resource.logical_id])} under another id: CloudFormation makes "
            "a new one and deletes the old; `cdk refactor --unstable=refactor` moves it without that"
        )
    elif resource.impact == "WILL_ORPHAN":
        note = "stays in AWS, and is yours to look after"
    elif (
        effect == "replaced" and old["Resources"][resource.logical_id].get("UpdateReplacePolicy") == "Retain"
    ):
        note = "the old one stays in AWS, and is yours to look after"
    elif effect == "replaced" and all(
        "(replaced)" in str(each.new) for each in resource.properties if each.impact == "WILL_REPLACE"
    ):
        note = "since what it refers to is replaced"
    elif effect in ("replaced", "removed"):
        note = _LOSES.get(resource.type, "what is in it is lost" if resource.stateful else "")
    elif effect == "interrupted":
        note = "AWS documents some interruption, or a replacement, for what changes"
    return Change(resource.logical_id, resource.type, effect, resource.stateful, note, resource.properties)


def reasons(found: list[Change]) -> Iterator[Reason]:
    """Yield what a reviewer has to know of the changes."""
    for change in found:
        tail = f": {change.note}" if change.note else ""
        if change.effect in ("replaced", "removed", "interrupted"):
            felt = change.stateful or change.type in _IN_THE_WAY or change.effect == "interrupted"
            yield Reason(
                "dangerous" if felt else "look", f"{change.name} is {change.effect}{tail}", "destructive"
            )
        else:
            yield Reason("safe", f"{change.name} is {change.effect}{tail}")
            yield from _kept_shorter(change)


def _kept_shorter(change: Change) -> Iterator[Reason]:
    for each in change.properties:
        if each.path == "RetentionInDays" and (each.new or 1e9) < (each.old or 1e9):
            yield Reason(
                "look",
                f"{change.name}: lines older than {each.new} days are deleted, not {each.old or 'no'}",
            )
        if each.path == "DeletionPolicy" and each.new == "Delete":
            yield Reason(
                "look", f"{change.name} is no longer kept when the stack, or its part of it, is deleted"
            )
