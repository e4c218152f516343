"""Review two synths, environment by environment."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from tools.assembly import Template
from tools.review import findings, forecast, images, numbers, parameters, stacks, strategy
from tools.review.cost import Cost, cost, costlier
from tools.review.findings import Finding, Findings
from tools.review.forecast import Forecast
from tools.review.images import Image
from tools.review.numbers import Number
from tools.review.parameters import Parameter
from tools.review.places import Place
from tools.review.reasons import Reason, Verdict, worst
from tools.review.resources import Change
from tools.review.synthesis import Synthesis
from tools.review.verdict import Judgement, Pair, judgements

_NOTHING: Template = {"Resources": {}}
_NO_FINDINGS = Findings([], [], [], [])
_UNCHANGED = Judgement([], [])
_UNKNOWN_COST = [Reason("look", "AWS alone knows what its costs are made of")]
_T = TypeVar("_T")


@dataclass(frozen=True, kw_only=True)
class Reviewed:
    """One environment: what changes, and what to think of it; `settings` are all its parameters."""

    name: str
    reasons: list[Reason] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    parameters: list[Parameter] = field(default_factory=list)
    settings: dict[str, str] = field(default_factory=dict)
    images: list[Image] = field(default_factory=list)
    numbers: list[Number] = field(default_factory=list)
    findings: Findings = _NO_FINDINGS
    costs: tuple[Cost | None, Cost | None] = (None, None)
    forecasts: tuple[Forecast | None, Forecast | None] = (None, None)
    places: dict[Reason, Place] = field(default_factory=dict)

    @property
    def verdict(self) -> Verdict:
        """Return the worst verdict among the reasons."""
        return worst(reason.level for reason in self.reasons)

    @property
    def placed(self) -> list[tuple[Reason, Place | None]]:
        """Return what needs eyes, with the line that causes it."""
        return [(each, self.places.get(each)) for each in self.reasons if each.level in ("look", "dangerous")]

    @property
    def wider(self) -> list[Reason]:
        """Return what lets somebody do more."""
        return [each for each in self.reasons if each.kind == "widening"]

    def has(self, kind: str) -> bool:
        """Return whether a reason is of a kind: destructive, or widening."""
        return any(reason.kind == kind for reason in self.reasons)


def reviewed(base: Synthesis, head: Synthesis, *, cache: Path) -> list[Reviewed]:
    """Return every environment of both sides, in the head's order."""
    differing = [name for name in head.templates if head.templates[name] != base.templates.get(name)]
    pairs = [
        Pair(
            base.templates.get(name, _NOTHING),
            head.templates[name],
            str(head.artifacts[name].get("environment")),
        )
        for name in differing
    ]
    templates = [each for pair in pairs for each in pair[:2] if each is not _NOTHING]
    with ThreadPoolExecutor(1) as pool:
        linting = pool.submit(findings.lint, templates, cache=cache)
        judged = dict(zip(differing, judgements(pairs), strict=True))
        rest = iter(linting.result())
    found = {
        name: ([] if pair.old is _NOTHING else next(rest), next(rest))
        for name, pair in zip(differing, pairs, strict=True)
    }
    was = stacks.renamed(base, head)
    now = {old: name for name, old in was.items()}
    return [
        *(
            _changed(name, base, head, judged.get(name, _UNCHANGED), found.get(name, ([], [])))
            if name in base.templates
            else _added(name, base, head, judged[name], found[name], was=was.get(name))
            for name in head.templates
        ),
        *(_removed(name, base, now=now.get(name)) for name in base.templates if name not in head.templates),
        *_for_all(base, head),
    ]


def _for_all(base: Synthesis, head: Synthesis) -> Iterator[Reviewed]:
    """Yield a line for what the CLI reads beside the stacks, if that changes."""
    reasons = list(stacks.told_in_settings(base, head)) if base.templates else []
    if reasons:
        yield Reviewed(name="every deployment", reasons=reasons)


def _changed(
    name: str,
    base: Synthesis,
    head: Synthesis,
    judgement: Judgement,
    linted: tuple[list[Finding], list[Finding]],
) -> Reviewed:
    old, new = base.templates[name], head.templates[name]
    before, after = _cost(base, name), _cost(head, name)
    found = findings.findings(name, base=base, head=head, linted=linted)
    asked = parameters.changed(_settings(base, name), _settings(head, name))
    built = images.images(old, new, base=base, head=head)
    reasons = [
        *images.reasons(built),
        *judgement.reasons,
        *stacks.told_to_the_cli(name, base, head),
        *strategy.reasons(old, new),
        *findings.reasons(found),
        *(costlier(before, after) if before and after else _UNKNOWN_COST if judgement.changes else []),
    ]
    if asked and not reasons:
        reasons = [Reason("safe", "parameters change, but nothing that is deployed does")]
    return Reviewed(
        name=name,
        reasons=reasons,
        changes=judgement.changes,
        parameters=asked,
        settings=_settings(head, name),
        images=built,
        numbers=_known(lambda: numbers.changed(old, new), []),
        findings=found,
        costs=(before, after),
        forecasts=(_forecast(old), _forecast(new)),
    )


def _added(
    name: str,
    base: Synthesis,
    head: Synthesis,
    judgement: Judgement,
    linted: tuple[list[Finding], list[Finding]],
    *,
    was: str | None,
) -> Reviewed:
    template = head.templates[name]
    price = _cost(head, name)
    found = findings.findings(name, base=base, head=head, linted=linted)._replace(accepted=[])
    return Reviewed(
        name=name,
        reasons=[
            *stacks.new_environment(name, template, price, was=was),
            *_grave(judgement),
            *findings.reasons(found),
        ],
        settings=_settings(head, name),
        findings=found,
        costs=(None, price),
        forecasts=(None, _forecast(template)),
    )


def _grave(judgement: Judgement) -> Iterator[Reason]:
    """Yield what is dangerous in a new stack, or opens it; that it has services and roles is expected."""
    for each in judgement.reasons:
        if each.level == "dangerous" or each.kind == "widening":
            yield each


def _removed(name: str, base: Synthesis, *, now: str | None) -> Reviewed:
    return Reviewed(
        name=name,
        reasons=list(stacks.removed_environment(name, now=now)),
        costs=(_cost(base, name), None),
    )


def _settings(side: Synthesis, name: str) -> dict[str, str]:
    return parameters.flat((side.parameters or {}).get(name, {}))


def _known(calculated: Callable[[], _T], otherwise: _T) -> _T:
    """Return figures, or none where the template leaves to AWS what they are made of."""
    try:
        return calculated()
    except (TypeError, ValueError, KeyError, AttributeError, IndexError):
        return otherwise


def _cost(side: Synthesis, name: str) -> Cost | None:
    region = str(side.artifacts[name].get("environment")).rpartition("/")[2]
    return _known(lambda: cost(side.templates[name], region=region), None)


def _forecast(template: Template) -> Forecast | None:
    return _known(lambda: forecast.forecast(template), None)
