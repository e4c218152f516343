"""Review two synths, environment by environment."""

from dataclasses import dataclass, field
from pathlib import Path

from tools.assembly import Template
from tools.review import findings, forecast, images, numbers, parameters, resources, stacks, strategy
from tools.review.cost import Cost, cost
from tools.review.engine import Difference, compare
from tools.review.findings import Finding, Findings
from tools.review.forecast import Forecast
from tools.review.images import Image
from tools.review.numbers import Number
from tools.review.parameters import Parameter
from tools.review.permissions import wider_permissions
from tools.review.reach import wider_reach
from tools.review.reasons import Reason, Verdict, worst
from tools.review.resources import Change
from tools.review.synthesis import Synthesis

# A monthly bill that grows by more than this share and this amount is to be looked at.
_NOTABLE_SHARE, _NOTABLE_USD = 0.1, 10
_NOTHING: Template = {"Resources": {}}
_NO_FINDINGS = Findings([], [], [], [])


@dataclass(frozen=True, kw_only=True)
class Reviewed:
    """One environment: what changes, and what to think of it; `settings` are all its parameters."""

    name: str
    reasons: list[Reason] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    wider: list[Reason] = field(default_factory=list)
    parameters: list[Parameter] = field(default_factory=list)
    settings: dict[str, str] = field(default_factory=dict)
    images: list[Image] = field(default_factory=list)
    numbers: list[Number] = field(default_factory=list)
    findings: Findings = _NO_FINDINGS
    costs: tuple[Cost | None, Cost | None] = (None, None)
    forecasts: tuple[Forecast | None, Forecast | None] = (None, None)

    @property
    def verdict(self) -> Verdict:
        """Return the worst verdict among the reasons."""
        return worst(reason.level for reason in self.reasons)

    def has(self, kind: str) -> bool:
        """Return whether a reason is of a kind: destructive, or widening."""
        return any(reason.kind == kind for reason in self.reasons)


def reviewed(base: Synthesis, head: Synthesis, *, cache: Path) -> list[Reviewed]:
    """Return every environment of both sides, in the head's order."""
    both = [name for name in head.templates if name in base.templates]
    differing = [name for name in both if base.templates[name] != head.templates[name]]
    differences = compare([(base.templates[name], head.templates[name]) for name in differing])
    found = dict(zip(differing, differences, strict=True))
    new = [name for name in head.templates if name not in base.templates]
    sides = (
        [base.templates[name] for name in differing],
        [head.templates[name] for name in (*differing, *new)],
    )
    linted = findings.lint([*sides[0], *sides[1]], cache=cache)
    before = dict(zip(differing, linted, strict=False))
    after = dict(zip((*differing, *new), linted[len(differing) :], strict=True))
    was = stacks.renamed(base, head)
    now = {old: name for name, old in was.items()}
    return [
        *(
            _changed(name, base, head, found.get(name), (before.get(name, []), after.get(name, [])))
            if name in both
            else _added(name, base, head, after[name], was=was.get(name))
            for name in head.templates
        ),
        *(
            Reviewed(
                name=name,
                reasons=list(stacks.removed_environment(name, now=now.get(name))),
                costs=(_cost(base, name), None),
            )
            for name in base.templates
            if name not in head.templates
        ),
    ]


def _changed(
    name: str,
    base: Synthesis,
    head: Synthesis,
    difference: Difference | None,
    linted: tuple[list[Finding], list[Finding]],
) -> Reviewed:
    old, new = base.templates[name], head.templates[name]
    changes = resources.changes(difference.resources, old, new) if difference else []
    wider = [*wider_reach(old, new), *wider_permissions(difference)] if difference else []
    costs = _cost(base, name), _cost(head, name)
    found = findings.findings(name, base=base, head=head, linted=linted)
    asked = parameters.changed(_settings(base, name), _settings(head, name))
    derived = numbers.changed(old, new)
    built = images.images(old, new, base=base, head=head)
    reasons = [
        *images.reasons(built),
        *numbers.reasons(derived),
        *resources.reasons(changes),
        *stacks.told_to_the_cli(name, base, head),
        *strategy.reasons(old, new),
        *wider,
        *findings.reasons(found),
        *_costlier(*costs),
        *(
            Reason("safe", f"the stack's output {each} changes")
            for each in (difference.outputs if difference else [])
        ),
    ]
    if difference and not reasons:
        reasons = [Reason("safe", "only the description or metadata of the template changes")]
    if asked and not reasons:
        reasons = [Reason("safe", "parameters change, but nothing that is deployed does")]
    return Reviewed(
        name=name,
        reasons=reasons,
        changes=changes,
        wider=wider,
        parameters=asked,
        settings=_settings(head, name),
        images=built,
        numbers=derived,
        findings=found,
        costs=costs,
        forecasts=(forecast.forecast(old), forecast.forecast(new)),
    )


def _added(
    name: str, base: Synthesis, head: Synthesis, linted: list[Finding], *, was: str | None
) -> Reviewed:
    template = head.templates[name]
    costs = _cost(head, name)
    found = findings.findings(name, base=base, head=head, linted=([], linted))._replace(accepted=[])
    return Reviewed(
        name=name,
        reasons=[*stacks.new_environment(name, template, costs, was=was), *findings.reasons(found)],
        settings=_settings(head, name),
        findings=found,
        costs=(None, costs),
        forecasts=(None, forecast.forecast(template)),
    )


def _settings(side: Synthesis, name: str) -> dict[str, str]:
    return parameters.flat((side.parameters or {}).get(name, {}))


def _cost(side: Synthesis, name: str) -> Cost:
    region = str(side.artifacts[name]["environment"]).rpartition("/")[2]
    return cost(side.templates[name], region=region)


def _costlier(old: Cost, new: Cost) -> list[Reason]:
    grows = [(old.at_min, new.at_min), (old.at_max, new.at_max)]
    if not any(now > before * (1 + _NOTABLE_SHARE) and now > before + _NOTABLE_USD for before, now in grows):
        return []
    least, most = (f"${before:,.0f} → ${now:,.0f}" for before, now in grows)
    return [Reason("look", f"it costs more: {least} a month with the fewest tasks, {most} with the most")]
