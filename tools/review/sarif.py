"""Write the findings as SARIF 2.1.0, which code hosts show beside the lines.

https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
"""

from typing import Any

from tools.review.outcome import Outcome

_LEVELS = {"dangerous": "error", "look": "warning"}
_RULES = {
    "dangerous": "Users or data would suffer, or somebody gets in.",
    "look": "Somebody should know this before it is deployed.",
}


def sarif(outcome: Outcome) -> dict[str, Any]:
    """Return every reason that needs eyes, with the line of the change that causes it."""
    results = [
        _result(environment.name, each.level, each.text, each.kind, place)
        for environment in outcome.environments
        for each, place in environment.placed
    ]
    rules = [{"id": name, "shortDescription": {"text": text}} for name, text in _RULES.items()]
    driver = {"name": "make review", "rules": rules}
    return {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{"tool": {"driver": driver}, "results": results}],
    }


def _result(environment: str, level: str, text: str, kind: str, place: Any) -> dict[str, Any]:
    found: dict[str, Any] = {
        "ruleId": level,
        "level": _LEVELS[level],
        "message": {"text": f"{environment}: {text}"},
        "properties": {"environment": environment, "gate": kind},
    }
    if place:
        found["locations"] = [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": place.path},
                    "region": {"startLine": place.line},
                }
            }
        ]
    return found
