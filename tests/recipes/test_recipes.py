import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.infra.kit_checkout import check_out, synth
from tests.recipes.stacks import RECIPES

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "docs" / "recipes"
README = (FOLDER / "README.md").read_text()
FILES = sorted(path.stem for path in FOLDER.glob("*.py"))


@pytest.mark.parametrize("name", RECIPES)
def test_breaks_no_rule(name: str, reports: list[dict[str, Any]]) -> None:
    found = [
        (violation["ruleName"], construct["constructPath"])
        for report in reports
        for violation in report["violations"]
        for construct in violation["violatingConstructs"]
        if construct["constructPath"].startswith(f"Web-{name}/")
    ]
    # Some recipes have a load balancer without a domain, which gets a warning.
    assert {rule for rule, _ in found} <= {"Annotation::flask-fargate:plain-http"}


def test_every_validation_has_run_to_its_end(reports: list[dict[str, Any]]) -> None:
    assert "CloudFormation Validate" in {report["pluginName"] for report in reports}
    assert {report["conclusion"] for report in reports} == {"success"}


def test_cfn_lint_finds_nothing(synthesised: Path) -> None:
    templates = sorted(synthesised.glob("Web-*.template.json"))
    assert len(templates) == len(RECIPES)
    # W3005: CDK's own providers have redundant dependencies. W3010: the zones are parameters.
    lint = subprocess.run(
        [Path(sys.prefix) / "bin" / "cfn-lint", "--ignore-checks", "W3005", "W3010", "--", *templates],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (lint.returncode, lint.stdout) == (0, "")


def test_every_recipe_has_a_stack_here_and_a_line_in_the_readme() -> None:
    assert FILES
    made = {name.replace("-", "_") for name in RECIPES}
    assert [file for file in FILES if not any(name.startswith(file) for name in made)] == []
    assert re.findall(r"\]\((\w+)\.py\)", README) == FILES


@pytest.mark.parametrize("file", FILES)
def test_says_what_for_when_not_and_how_to_call_it(file: str) -> None:
    text = (FOLDER / f"{file}.py").read_text()
    docstring = text.split('"""')[1]
    assert "For " in docstring
    assert "Not " in docstring
    call = re.search(r"^ {8}(?:\w+ = )?(\w+)\(\s*stack\b", docstring, re.MULTILINE)
    assert call
    assert 'if stack.parameters.name == "' in docstring
    assert re.search(rf"^(def|class) {call[1]}\(", text, re.MULTILINE)


def test_the_lines_that_the_readme_shows_wire_a_recipe(tmp_path: Path) -> None:
    checkout = check_out(tmp_path / "checkout")
    recipes = checkout / "infra" / "recipes"
    recipes.mkdir()
    for file in FILES:
        shutil.copy(FOLDER / f"{file}.py", recipes)
    additions = (checkout / "infra" / "additions.py").read_text()
    (diff,) = re.findall(r"```diff\n(.*?)```", README, re.DOTALL)
    for hunk in diff.split("\n\n"):
        lines = hunk.strip("\n").split("\n")
        old = "\n".join(line[1:] for line in lines if not line.startswith("+"))
        assert additions.count(old) == 1
        new = "\n".join(line[1:] for line in lines if not line.startswith("-"))
        additions = additions.replace(old, new)
    (checkout / "infra" / "additions.py").write_text(additions)
    run = synth(checkout, out=tmp_path / "out")
    assert run.returncode == 0, run.stderr
    assert '"CapacityUnits": 100' in (tmp_path / "out" / "Web-prod.template.json").read_text()
    assert '"CapacityUnits"' not in (tmp_path / "out" / "Web-staging.template.json").read_text()
