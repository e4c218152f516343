"""Keep the tables of docs/coming-from.md as the rules of `make adopt` have them."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from tools.adopt.apprunner import APP_RUNNER_RULES, APP_RUNNER_SERVICE
from tools.adopt.beanstalk import FILE_RULES, OPTION_RULES
from tools.adopt.compose import COMPOSE_RULES
from tools.adopt.copilot_environment_rules import ENVIRONMENT_RULES, PIPELINE_RULES
from tools.adopt.copilot_rules import SERVICE_RULES, SIDECAR_RULES
from tools.adopt.ecs_patterns import PATTERN_RULES
from tools.adopt.gunicorn_config import GUNICORN_RULES
from tools.adopt.heroku import APP_JSON_RULES, PROCFILE_RULES
from tools.adopt.report import VERDICTS, Verdict
from tools.adopt.rules import Rule
from workshop.pages import filled

PAGE = Path(__file__).resolve().parent.parent / "docs" / "coming-from.md"
TABLES: dict[str, Sequence[Rule]] = {
    "gunicorn": GUNICORN_RULES,
    "procfile": PROCFILE_RULES,
    "app.json": APP_JSON_RULES,
    "copilot service": SERVICE_RULES,
    "copilot sidecar": SIDECAR_RULES,
    "copilot environment": ENVIRONMENT_RULES,
    "copilot pipeline": PIPELINE_RULES,
    "app runner": (*APP_RUNNER_RULES, *APP_RUNNER_SERVICE),
    "beanstalk options": OPTION_RULES,
    "beanstalk files": FILE_RULES,
    "compose": COMPOSE_RULES,
    "ecs_patterns": PATTERN_RULES,
}


def table(rules: Sequence[Rule]) -> str:
    """Return the rules as a table: fields with the same fate share a row, at the first one's place."""
    rows: dict[tuple[Verdict, str], list[str]] = {}
    for rule in rules:
        rows.setdefault((rule.verdict, rule.here.replace("|", r"\|")), []).append(f"`{rule.field}`")
    lines = [
        f"| {', '.join(fields)} | {verdict} | {here} |"
        for wanted in VERDICTS
        for (verdict, here), fields in rows.items()
        if verdict == wanted
    ]
    return "\n".join(["| there | | here |", "|---|---|---|", *lines])


def page(old: str) -> str:
    """Return the page's text with the tables that the rules make."""
    return filled(PAGE, old, {name: table(rules) for name, rules in TABLES.items()})


def main() -> None:
    """Write the page anew."""
    argparse.ArgumentParser(prog="python -m workshop.coming_from_page", description=__doc__).parse_args()
    old = PAGE.read_text()
    PAGE.write_text(page(old))
    print(f"{PAGE.name}: {'unchanged' if page(old) == old else 'written'}", file=sys.stderr)


if __name__ == "__main__":
    main()
