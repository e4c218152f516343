"""Test `make mutate` on given changes; cosmic-ray, which makes changes, has its own environment."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from workshop.mutation import __main__ as mutation

ROOT = Path(__file__).resolve().parents[2]
MODULE = "infra/parameters/timeouts.py"
# The run needs its own process, because it forgets modules that this one has imported.
RUN = """
import json, sys
from workshop.mutation import __main__ as mutation
mutation.modules = lambda: {"tests": {sys.argv[2]: ["tests/infra/test_timeouts.py"]}, "equivalent": {}}
mutation._mutants = lambda _module: json.loads(sys.argv[1])
sys.exit(mutation.main([sys.argv[2]]))
"""


def judged(*changes: tuple[str, str]) -> tuple[int, str]:
    source = (ROOT / MODULE).read_text()
    mutants = [
        {"line": 48, "before": old, "after": new, "source": source.replace(old, new)} for old, new in changes
    ]
    done = subprocess.run(
        [sys.executable, "-c", RUN, json.dumps(mutants), MODULE],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout


def test_a_change_that_a_test_notices_is_not_told_and_another_is() -> None:
    code, said = judged(("+ 10)", "** 10)"), ("seconds.", "minutes."))
    assert f"{MODULE}:48: seconds.\n    may be minutes.\n" in said
    assert "** 10" not in said
    assert f"{MODULE}: 2 changes, 1 unnoticed" in said
    assert code == 1


def test_a_module_without_tests_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        mutation.main(["infra/stack.py"])
    assert "modules.toml names no tests for infra/stack.py: add them there" in capsys.readouterr().err


def test_each_module_and_each_test_that_is_named_exists() -> None:
    listed = mutation.modules()
    assert listed["tests"]
    named = {*listed["tests"], *(test for tests in listed["tests"].values() for test in tests)}
    assert {name for name in named if not (ROOT / name.partition("::")[0]).exists()} == set()
    assert {*listed["equivalent"]} <= {*listed["tests"]}
