"""Find stacks that are new, gone or renamed, or that are deployed elsewhere or otherwise protected."""

from collections.abc import Iterator

from tools.assembly import Properties, Template
from tools.review.cost import Cost
from tools.review.reach import Ports, reachable
from tools.review.reasons import Kind, Reason, Verdict, listed
from tools.review.synthesis import Synthesis
from tools.review.values import short

_DATA = "Data-"
# Two stacks that share so many ids and types count as one stack that was renamed.
_THE_SAME = 0.9


def renamed(base: Synthesis, head: Synthesis) -> dict[str, str]:
    """Return the old name of each environment that was renamed, by its new name."""
    gone = [name for name in base.templates if name not in head.templates]
    found: dict[str, str] = {}
    for new in (name for name in head.templates if name not in base.templates):
        twins = [name for name in gone if _likeness(base.templates[name], head.templates[new]) >= _THE_SAME]
        # Environments of one kind are alike too, so take the most similar one.
        if twins:
            found[new] = max(twins, key=lambda name: _likeness(base.templates[name], head.templates[new]))
            gone.remove(found[new])
    return found


def _likeness(one: Template, other: Template) -> float:
    kinds = [
        {(key, each["Type"]) for key, each in template["Resources"].items()} for template in (one, other)
    ]
    return len(kinds[0] & kinds[1]) / max(1, len(kinds[0] | kinds[1]))


def _stack(name: str) -> str:
    return name if name.startswith(_DATA) else f"Web-{name}"


def new_environment(name: str, template: Template, cost: Cost | None, *, was: str | None) -> Iterator[Reason]:
    """Yield what a new environment brings."""
    if was:
        yield Reason(
            "dangerous",
            f"renamed from {was}: CloudFormation cannot rename a stack. A new one, {_stack(name)}, comes "
            f"beside {_stack(was)}, without its logs and secrets. The old one serves on and costs until you "
            "destroy it; a DNS name that both want stops the deployment",
            "destructive",
        )
    resources = len(template["Resources"])
    price = f", ${cost.at_min:,.0f} a month with its fewest tasks" if cost else ""
    yield Reason("look", f"a new environment: {resources} resources{price}")
    open_to_all = [f"{each.target} on {Ports.of(each.ports).text}" for each in reachable(template)]
    if open_to_all:
        yield Reason("look", f"anyone on the internet can reach its {listed(open_to_all)}")


def removed_environment(name: str, *, now: str | None) -> Iterator[Reason]:
    """Yield what it means that an environment is no longer described."""
    if now:
        yield Reason(
            "look",
            f"renamed to {now}: see there. Its stack {_stack(name)} stays in AWS until you destroy it",
        )
        return
    if name.startswith(_DATA):
        yield Reason(
            "dangerous",
            f"no longer described: {name} and the data in it stay in AWS and cost, but nobody updates them, "
            "and tasks no longer reach them. Before you delete the stack, keep a snapshot",
            "destructive",
        )
        return
    yield Reason(
        "look",
        f"no longer described: its stack Web-{name} stays in AWS, costs, and nobody updates it. To remove "
        f"it, run `make destroy ENV={name}` on the base, before this is merged",
    )


# What the CLI does with a stack beside its template, and what another value of it means.
_TOLD: dict[str, tuple[Verdict, str, Kind]] = {
    "assumeRoleArn": ("dangerous", "another role deploys the stack", "widening"),
    "cloudFormationExecutionRoleArn": (
        "dangerous",
        "another role makes and deletes its resources",
        "widening",
    ),
    "tags": ("look", "all its resources get other tags", ""),
    "notificationArns": ("look", "others are told of its deployments", ""),
    "parameters": ("look", "the CLI gives the template other values", ""),
    "bootstrapStackVersionSsmParameter": ("look", "it is deployed by another bootstrap stack", ""),
    "requiresBootstrapStackVersion": ("look", "it needs another version of the bootstrap stack", ""),
    "lookupRole": ("look", "another role looks things up", "widening"),
}
# These name the template by its contents, or the order of deployments.
_UNFELT = (
    "templateFile",
    "stackTemplateAssetObjectUrl",
    "additionalDependencies",
    "validateOnSynth",
    "stackName",
    "terminationProtection",
)
# What the CLI reads in cdk.json: https://docs.aws.amazon.com/cdk/v2/guide/cli.html
_SETTINGS: dict[str, tuple[Verdict, str, Kind]] = {
    "app": ("look", "a deployment runs this command, with the rights of whoever deploys", "widening"),
    "build": (
        "dangerous",
        "a deployment runs this command first, with the rights of whoever deploys; the review did not",
        "widening",
    ),
    "plugin": (
        "dangerous",
        "the CLI runs this, with the rights of whoever deploys; the review did not",
        "widening",
    ),
    "rollback": ("look", "a deployment that fails is left as it is, or is rolled back", ""),
    "requireApproval": ("look", "the CLI asks before fewer changes, or more", "widening"),
    "roleArn": ("dangerous", "another role makes and deletes all resources", "widening"),
    "toolkitStackName": ("look", "stacks are deployed by another bootstrap stack", ""),
    "context": ("safe", "its effect is in the templates", ""),
}
_UNFELT_SETTINGS = (
    "notices",
    "versionReporting",
    "watch",
    "pathMetadata",
    "assetMetadata",
    "$schema",
    "output",
)


def told_to_the_cli(name: str, base: Synthesis, head: Synthesis) -> Iterator[Reason]:
    """Yield changes that are not in the template: a stack's place, name, roles, tags and protection."""
    old, new = (side.artifacts[name] for side in (base, head))
    if old.get("environment") != new.get("environment"):
        yield Reason(
            "dangerous",
            f"the stack moves from {old.get('environment')} to {new.get('environment')}: a new one is made, "
            "and the old one stays",
            "destructive",
        )
    before, after = (each.get("properties", {}) for each in (old, new))
    names = [each.get("stackName", side.paths[name]) for each, side in ((before, base), (after, head))]
    if names[0] != names[1]:
        text = f"the stack {names[0]} is called {names[1]} now: a new one is made, and the old one stays"
        yield Reason("dangerous", text, "destructive")
    yield from _protection(before, after)
    for key in dict.fromkeys((*before, *after)):
        if key not in _UNFELT and before.get(key) != after.get(key):
            verdict, why, kind = _TOLD.get(key, ("look", "no rule knows this change", ""))
            yield Reason(verdict, f"{why}: {key} {short(before.get(key))} → {short(after.get(key))}", kind)


def _protection(before: Properties, after: Properties) -> Iterator[Reason]:
    protected = [bool(each.get("terminationProtection")) for each in (before, after)]
    if protected == [True, False]:
        yield Reason("look", "the stack is no longer protected from deletion")
    elif protected == [False, True]:
        yield Reason("safe", "the stack is protected from deletion")


def told_in_settings(base: Synthesis, head: Synthesis) -> Iterator[Reason]:
    """Yield changes of what the CLI reads for all stacks: cdk.json, and how assets are built and kept."""
    for key in dict.fromkeys((*base.settings, *head.settings)):
        old, new = base.settings.get(key), head.settings.get(key)
        if key not in _UNFELT_SETTINGS and old != new:
            verdict, why, kind = _SETTINGS.get(key, ("look", "no rule knows this setting", ""))
            told = f": {short(old)} → {short(new)}" if key != "context" else ""
            yield Reason(verdict, f"cdk.json, {key}: {why}{told}", kind)
    for each in sorted(head.assets - base.assets) if base.assets else ():
        yield Reason("look", f"an asset is built or kept in another way: {short(each)}")
