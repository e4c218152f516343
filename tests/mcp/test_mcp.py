"""Test that agents get exactly what looks, by the client of the SDK of the Model Context Protocol."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.mcp.asking import PYTHON, ROOT, asked

# A Python that says how it was called, in the place of that of the commands.
# By way of the shell: the first line of a program takes no path with a space.
_SAYS = f"""#!/bin/sh
"exec" "{sys.executable}" "$0" "$@"
import json, sys
words = sys.argv[1:]
if "refused" in words:
    sys.exit("there is no such thing")
print(json.dumps({{"words": words, "typed": sys.stdin.read()}}))
"""
_CALLS: dict[str, tuple[dict[str, Any], list[str]]] = {
    "status": ({"environment": "prod"}, ["tools.operate", "status", "prod", "--json"]),
    "why": ({"environment": "prod"}, ["tools.operate", "why", "prod", "--json"]),
    "releases": ({"environment": "dev"}, ["tools.operate", "releases", "dev", "--json", "--most=15"]),
    "logs": (
        {"environment": "dev", "since": "2h", "text": "--token x"},
        ["tools.operate", "logs", "dev", "--json", "--since=2h", "--text=--token x"],
    ),
    "review": ({"base": "HEAD~1"}, ["tools.review", "--base=HEAD~1", "--fail-on=never"]),
}
_REFUSED: tuple[tuple[str, dict[str, Any]], ...] = (
    ("status", {"environment": "--help"}),
    ("status", {"environment": "dev; make destroy"}),
    ("logs", {"environment": "dev", "since": "--follow"}),
    ("review", {"base": "--accept"}),
    ("destroy", {"environment": "dev"}),
    ("rollback", {"environment": "dev", "token": "0123456789"}),
    ("status", {"environment": "refused"}),
)


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Return what one server says to all calls of these tests."""
    program = tmp_path_factory.mktemp("python") / "python"
    program.write_text(_SAYS)
    program.chmod(0o755)
    calls = [(tool, given) for tool, (given, _) in _CALLS.items()]
    return asked(f"--python={program}", calls=[*calls, *_REFUSED])


def test_an_agent_gets_exactly_what_looks(told: dict[str, Any]) -> None:
    assert set(told["tools"]) == {"status", "why", "logs", "releases", "review"}
    assert all(each["read_only_hint"] and not each["destructive_hint"] for each in told["tools"].values())


@pytest.mark.parametrize("tool", _CALLS)
def test_each_tool_runs_one_command_that_reads_without_anything_typed(
    told: dict[str, Any], tool: str
) -> None:
    answer = told["answers"][list(_CALLS).index(tool)]
    assert not answer["is_error"], answer
    said = json.loads(answer["content"][0]["text"])
    assert said == {"words": ["-m", *_CALLS[tool][1]], "typed": ""}


@pytest.mark.parametrize("number", range(len(_REFUSED)))
def test_what_would_be_an_option_or_another_command_is_refused(told: dict[str, Any], number: int) -> None:
    answer = told["answers"][len(_CALLS) + number]
    assert answer["is_error"], _REFUSED[number]


def test_a_commands_own_words_reach_the_agent_where_it_fails(told: dict[str, Any]) -> None:
    assert told["answers"][-1]["content"][0]["text"].endswith("there is no such thing")


def test_the_configuration_starts_the_server_with_a_role_that_only_reads(tmp_path: Path) -> None:
    done = subprocess.run(
        [PYTHON, ROOT / "tools/mcp/server.py", "--configuration"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    [given] = json.loads(done.stdout)["mcpServers"].values()
    assert given["args"] == [str(ROOT / "tools/mcp/server.py")]
    assert Path(given["command"]).is_file()
    assert given["env"] == {"AWS_PROFILE": "operator-dev"}
