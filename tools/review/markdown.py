"""Write the report for people, in Markdown as GitHub and GitLab render it."""

from collections.abc import Sequence

from tools.harmless import harmless
from tools.review.outcome import Outcome
from tools.review.reasons import VERDICTS
from tools.review.review import Reviewed
from tools.review.sections import cost_table, costs_note, details, forecast_lines, parameter_table
from tools.review.tables import bullets, table

MARKER = "<!-- flask-fargate review -->"
# GitHub takes comments of up to 65,536 characters.
_MOST_CHARACTERS = 60_000
_SIGNS = {"no change": "⚪", "safe": "🟢", "look": "🟡", "dangerous": "🔴"}
_REASONS_SHOWN = 12


def markdown(outcome: Outcome) -> str:
    """Return the whole report, or without the properties if it is too long for a comment."""
    text = _report(outcome, deep=True)
    if len(text) > _MOST_CHARACTERS:
        text = _report(outcome, deep=False)
    cut = "\n\nThe rest is too long for a comment: `make review` and its JSON have all of it.\n"
    return text if len(text) <= _MOST_CHARACTERS else text[: _MOST_CHARACTERS - len(cut)] + cut


def _report(outcome: Outcome, *, deep: bool) -> str:
    verdict = outcome.verdict
    headings = ("environment", "verdict", "why")
    parts = [
        MARKER,
        f"## {_SIGNS[verdict]} Review: {verdict}",
        f"Compared: {harmless(outcome.base.name)} and {harmless(outcome.head.name)}.",
        bullets(outcome.notes, most=20),
        _gate(outcome),
        table(headings, [_verdict(each) for each in outcome.environments]),
    ]
    changed = [each for each in outcome.environments if each.verdict != "no change"]
    for each in changed:
        parts += _environment(each, deep=deep)
    parts += _beside(outcome.environments) if changed else []
    return "\n\n".join(part for part in parts if part) + "\n"


def _beside(environments: Sequence[Reviewed]) -> list[str]:
    """Return the parts that compare the environments: parameters, cost, deployment."""
    parameters, deployments = parameter_table(environments), forecast_lines(environments)
    return [
        *(["### Parameters", parameters] if parameters else []),
        *("### Cost", cost_table(environments), costs_note(environments)),
        *(["### Deployment", deployments] if deployments else []),
    ]


def _gate(outcome: Outcome) -> str:
    gates = " and ".join(f"`{gate}`" for gate in outcome.tripped)
    if not gates:
        return ""
    if outcome.accepted:
        return f"**Accepted**: the gate {gates} is tripped, and somebody took the responsibility."
    return f"**Stopped** by the gate {gates}: change it, or have it accepted."


def _verdict(each: Reviewed) -> tuple[str, str, str]:
    why = [reason.text for reason in each.reasons if reason.level == each.verdict]
    more = f" (and {len(why) - 1} more)" if len(why) > 1 else ""
    return (
        each.name,
        f"{_SIGNS[each.verdict]} {each.verdict}",
        why[0] + more if why else "deploys the same as before",
    )


def _environment(each: Reviewed, *, deep: bool) -> list[str]:
    grave = sorted(
        (
            reason
            for reason in each.reasons
            if reason.level in ("dangerous", "look") and reason not in each.wider
        ),
        key=lambda reason: -VERDICTS.index(reason.level),
    )
    said = [(f"{_SIGNS[reason.level]} {reason.text}") for reason in grave]
    wider = [(f"{_SIGNS[reason.level]} {reason.text}") for reason in each.wider]
    images = [image.text for image in each.images]
    numbers = [(found.name, found.old or "-", found.new or "-") for found in each.numbers]
    return [
        f"### {_SIGNS[each.verdict]} {harmless(each.name)}",
        bullets(said, most=_REASONS_SHOWN),
        *(["**Wider than before**", bullets(wider, most=_REASONS_SHOWN)] if wider else []),
        *(["**Images**", bullets(images, most=_REASONS_SHOWN)] if images else []),
        *([table(("scaling, timeouts", "before", "now"), numbers)] if numbers else []),
        *details(each, deep=deep),
    ]
