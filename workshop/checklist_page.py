"""Fill the tables of docs/deploy-checklist.md from the checks of `make doctor`."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import get_args

from infra.parameters import QUOTAS
from tools.doctor.check import Check, Scope
from tools.doctor.checks import CHECKS
from workshop.pages import filled

PAGE = Path(__file__).resolve().parent.parent / "docs" / "deploy-checklist.md"


def page(old: str, checks: Sequence[Check] = CHECKS) -> str:
    """Return the text of the page with new tables."""
    tables = {scope: _table(scope, checks) for scope in get_args(Scope)}
    return filled(PAGE, old, {**tables, "quotas": _quotas()})


def _quotas() -> str:
    rows = [
        f"| {each.name} | {each.default:,} | `{each.service}` `{each.code}` | [AWS]({each.source}) |"
        for each in QUOTAS
    ]
    return "\n".join(("| quota | an account has | code | source |", "|---|---|---|---|", *rows))


def _table(scope: Scope, checks: Sequence[Check]) -> str:
    rows = [
        f"| {check.wants} | {_code(check.fix)} | {check.takes} | {check.costs} | "
        f"{'yes' if check.played else 'not run'} |"
        for check in checks
        if check.once_per == scope
    ]
    return "\n".join(("| what | how | takes | costs | played |", "|---|---|---|---|---|", *rows))


def _code(fix: str) -> str:
    """Return a command as code, with a name for each value that `make doctor` puts in."""
    words = fix.format(account="ACCOUNT", region="REGION", qualifier="QUALIFIER", name="prod")
    return f"`{words}`" if words.startswith(("aws ", "npx ")) else words


if __name__ == "__main__":
    PAGE.write_text(page(PAGE.read_text()))
    sys.exit(0)
