"""Find what a change does to each resource of a running system."""

from collections.abc import Iterator
from typing import Literal, NamedTuple, get_args

from tools.assembly import Template, without_hash
from tools.review.engine import Property, Resource
from tools.review.moves import moves
from tools.review.reasons import Reason, listed, worst
from tools.review.rules import Judged, judged

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


class Change(NamedTuple):
    """A resource, what happens to it, a note for the reviewer, and what the rules say of it."""

    logical_id: str
    type: str
    effect: Effect
    stateful: bool
    note: str
    properties: list[Property]
    judged: list[Judged] = []  # noqa: RUF012 # nobody adds to it

    @property
    def name(self) -> str:
        """Return type and readable id."""
        return f"{self.type.removeprefix('AWS::')} {without_hash(self.logical_id)}"


def changes(resources: list[Resource], old: Template, new: Template) -> list[Change]:
    """Return every resource that changes, the worst first, and among those the ones with state."""
    moved = dict(moves(resources, old, new))
    fresh = set(new["Resources"]) - set(old["Resources"])
    found = [
        _change(each, old, new, moved, fresh)
        for each in resources
        if each.properties or each.impact in _EFFECT_OF
    ]
    return sorted(found, key=lambda each: (EFFECTS.index(each.effect), not each.stateful, each.logical_id))


def _change(
    resource: Resource, old: Template, new: Template, moved: dict[str, str], fresh: set[str]
) -> Change:
    effect = _effect(resource)
    added = new["Resources"].get(resource.logical_id, {}).get("Properties", {})
    return Change(
        resource.logical_id,
        resource.type,
        effect,
        resource.stateful,
        _note(resource, effect, old, moved),
        resource.properties,
        # What only moved is no weaker than it was.
        []
        if effect == "added" and resource.logical_id in moved
        else list(
            judged(
                resource.type,
                effect,
                resource.properties,
                added=added,
                fresh=fresh,
                moved=resource.logical_id in moved,
            )
        ),
    )


def _effect(resource: Resource) -> Effect:
    effect = _EFFECT_OF.get(resource.impact, "updated")
    if effect == "replaced" and resource.type in _REVISIONS:
        return "updated"
    paths = _INTERRUPTS.get(resource.type, ())
    if effect == "updated" and any(each.path in paths for each in resource.properties):
        return "interrupted"
    return effect


def _note(resource: Resource, effect: Effect, old: Template, moved: dict[str, str]) -> str:
    """Return why something happens to the resource, or what becomes of the old one."""
    if resource.type in _REVISIONS and resource.impact == "WILL_REPLACE":
        return _REVISIONS[resource.type]
    if resource.logical_id in moved:
        return (
            f"the same as {without_hash(moved[resource.logical_id])} under another id: CloudFormation makes "
            "a new one and deletes the old; `cdk refactor --unstable=refactor` moves it without that"
        )
    if resource.impact == "WILL_ORPHAN":
        return "stays in AWS, and is yours to look after"
    if effect == "replaced":
        if old["Resources"][resource.logical_id].get("UpdateReplacePolicy") == "Retain":
            return "the old one stays in AWS, and is yours to look after"
        reasons = [each for each in resource.properties if each.impact == "WILL_REPLACE"]
        if all("(replaced)" in str(each.new) for each in reasons):
            return "since what it refers to is replaced"
    if effect == "interrupted":
        return "AWS documents some interruption, or a replacement, for what changes"
    return ""


def reasons(found: list[Change]) -> Iterator[Reason]:
    """Yield what a reviewer has to know of the changes; equal sentences are said once."""
    together: dict[tuple[str, ...], list[tuple[Change, Judged]]] = {}
    for change in found:
        yield from _as_a_whole(change)
        for each in change.judged:
            if each.what and each.verdict != "safe":
                together.setdefault((each.verdict, each.why, each.kind), []).append((change, each))
    for pairs in together.values():
        first = pairs[0][1]
        what = listed([f"{change.name} {each.what}" for change, each in pairs], most=3)
        about = tuple(dict.fromkeys(change.logical_id for change, _ in pairs))
        yield Reason(first.verdict, f"{first.why}: {what}", first.kind, about)


def _as_a_whole(change: Change) -> Iterator[Reason]:
    about = (change.logical_id,)
    whole = next((each for each in change.judged if not each.what), None)
    if change.effect in ("removed", "replaced") and whole:
        why = change.note or (
            "what is in it is lost" if change.stateful and "rule" in whole.why else whole.why
        )
        text = f"{change.name} is {change.effect}: {why}"
        verdict = "dangerous" if change.stateful else whole.verdict
        yield Reason(verdict, text, "destructive", about)
        # A guard that only moved is not gone.
        if whole.kind == "widening" and not change.note:
            yield Reason(verdict, text, "widening", about)
    elif change.effect == "interrupted":
        known = [each.verdict for each in change.judged if each.why != "no rule knows this change"]
        sure = bool(known) and len(known) == len(change.judged)
        verdict = worst(known) if sure else "dangerous"
        yield Reason(verdict, f"{change.name} is interrupted: {change.note}", "destructive", about)
    elif whole and whole.verdict != "safe":
        yield Reason(whole.verdict, f"{change.name} is added: {whole.why}", whole.kind, about)
    else:
        tail = f": {change.note}" if change.note else ""
        yield Reason("safe", f"{change.name} is {change.effect}{tail}", "", about)
