"""Find stacks that are new, gone or renamed, or that are deployed elsewhere or otherwise protected."""

from collections.abc import Iterator

from tools.assembly import Template
from tools.review.cost import Cost
from tools.review.reach import Ports, reachable
from tools.review.reasons import Reason, listed
from tools.review.synthesis import Synthesis

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


def new_environment(name: str, template: Template, cost: Cost, *, was: str | None) -> Iterator[Reason]:
    """Yield what a new environment brings."""
    if was:
        yield Reason(
            "dangerous",
            f"renamed from {was}: CloudFormation cannot rename a stack. A new one, Web-{name}, comes beside "
            f"Web-{was}, without its logs and secrets. The old one serves on and costs until you destroy it; "
            "a DNS name that both want stops the deployment",
            "destructive",
        )
    resources = len(template["Resources"])
    yield Reason(
        "look", f"a new environment: {resources} resources, ${cost.at_min:,.0f} a month with its fewest tasks"
    )
    open_to_all = [f"{each.target} on {Ports.of(each.ports).text}" for each in reachable(template)]
    if open_to_all:
        yield Reason("look", f"anyone on the internet can reach its {listed(open_to_all)}")


def removed_environment(name: str, *, now: str | None) -> Iterator[Reason]:
    """Yield what it means that an environment is no longer described."""
    if now:
        yield Reason(
            "look", f"renamed to {now}: see there. Its stack Web-{name} stays in AWS until you destroy it"
        )
        return
    yield Reason(
        "look",
        f"no longer described: its stack Web-{name} stays in AWS, costs, and nobody updates it. To remove "
        f"it, run `make destroy ENV={name}` on the base, before this is merged",
    )


def told_to_the_cli(name: str, base: Synthesis, head: Synthesis) -> Iterator[Reason]:
    """Yield changes that are not in the template: a stack's place, and its protection from deletion."""
    places = [side.artifacts[name]["environment"] for side in (base, head)]
    if places[0] != places[1]:
        yield Reason(
            "dangerous",
            f"the stack moves from {places[0]} to {places[1]}: a new one is made, and the old one stays",
            "destructive",
        )
    protected = [
        bool(side.artifacts[name]["properties"].get("terminationProtection")) for side in (base, head)
    ]
    if protected == [True, False]:
        yield Reason("look", "the stack is no longer protected from deletion")
    elif protected == [False, True]:
        yield Reason("safe", "the stack is protected from deletion")
