"""A mistake in the team's environments ends every command with one line, as it does the synth."""

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.checkout import ROOT, check_out

# It runs in the packages of another commit, where the module that explains mistakes may not be.
ONE_SIDE = ROOT / "tools/review/one_side.py"


@pytest.fixture(scope="module")
def wrong(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a checkout whose environments have a mistake in their last line."""
    folder = check_out(tmp_path_factory.mktemp("a wrong one"))
    (folder / "infra/environments.py").write_text(
        "from infra.parameters import Environment, Tasks\n\nDEV = Environment(tasks=Tasks(min=0))\n"
    )
    return folder


@pytest.mark.parametrize(
    "command",
    [
        ("tools.operate", "status"),
        ("tools.local_cloud", "up"),
        ("tools.locks",),
        ("tools.doctor", "dev"),
        ("tools.pipeline.in_aws", "images"),
    ],
    ids=" ".join,
)
def test_a_command_says_the_mistake_in_one_line(wrong: Path, command: tuple[str, ...]) -> None:
    run = subprocess.run(
        [sys.executable, "-m", *command],
        cwd=wrong,
        env={**os.environ, "PYTHONPATH": str(wrong)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.stderr == (
        "infra/environments.py:3: Tasks.min: Input should be greater than or equal to 1, but 0 was given\n"
    )
    assert run.returncode == 1


def _reads(node: ast.ImportFrom) -> bool:
    names = {each.name for each in node.names}
    return node.module == "infra.environments" or (node.module == "infra" and "environments" in names)


def test_one_module_of_the_tools_reads_the_environments() -> None:
    readers = {
        path
        for path in (ROOT / "tools").rglob("*.py")
        if path != ONE_SIDE
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ImportFrom) and _reads(node)
    }
    assert readers == {ROOT / "tools/environments.py"}
