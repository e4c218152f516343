"""Test the prices in the README that the kit ships; a team's README says what it likes."""

import re
from pathlib import Path

from infra.application import build_app
from tests.environments import ENVIRONMENTS
from tools import summary
from tools.assembly import templates

README = Path(__file__).resolve().parents[2] / "README.md"


def test_the_readme_says_what_the_environments_cost(tmp_path: Path) -> None:
    build_app(*ENVIRONMENTS, outdir=str(tmp_path)).synth()
    made = templates(tmp_path)
    rows = re.findall(r"^\| USD a month, .*? \| (.*) \|$", README.read_text(), re.MULTILINE)
    fewest, most = (row.split(" | ") for row in rows)
    names = ("dev", "staging", "prod")
    said = {name: f"{least}-{top}" for name, least, top in zip(names, fewest, most, strict=True)}
    assert said == {name: summary.monthly(made[name], region="eu-west-1") for name in names}
