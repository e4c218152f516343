"""Test the configured log of a whole process: JSON for machines, text for a terminal."""

import json
import os
import pty
import subprocess
import sys
from collections.abc import Callable

import pytest

from tests.service.gunicorn_process import ROOT

SAY = """
import logging, structlog, sys
from service.kit.logs import chosen, configure
from service.kit import metrics
configure("info", chosen({style!r}))
logging.getLogger("library").warning("one\\r\\ntwo \\x1b[31m password=hunter2")
structlog.get_logger("team").info("said", who="a\\nb\\x9b")
try:
    raise RuntimeError("token=hunter2\\n\\x1b[2J forged")
except RuntimeError:
    logging.getLogger("library").exception("it broke")
metrics.Reporter(metrics.Recorder(), environment="a", version="b").write()
"""


@pytest.fixture
def say(variables: dict[str, str]) -> Callable[[str | None], str]:
    """Return the output of a process that logs in this format."""

    def run(style: str | None) -> str:
        return subprocess.run(
            [sys.executable, "-c", SAY.format(style=style)],
            cwd=ROOT,
            env=variables,
            capture_output=True,
            text=True,
            check=True,
        ).stdout

    return run


@pytest.mark.parametrize("style", ["json", None])
def test_without_a_terminal_each_line_is_one_json_object(
    say: Callable[[str | None], str], style: str | None
) -> None:
    lines = say(style).splitlines()
    assert len(lines) == 4
    messages = [json.loads(line)["message"] for line in lines]
    assert messages == ["one\r\ntwo \x1b[31m password=***", "said", "it broke", "metrics"]


def test_an_exception_is_one_line_without_its_secrets(say: Callable[[str | None], str]) -> None:
    line = say("json").splitlines()[2]
    assert line.isascii()
    assert json.loads(line)["exception"].startswith("Traceback")
    assert "hunter2" not in line


def test_text_cannot_forge_a_line_or_move_the_cursor(say: Callable[[str | None], str]) -> None:
    text = say("text")
    lines = text.splitlines()
    starts = [line for line in lines if not line.startswith("    ")]
    assert len(starts) == 3, "three messages, and the stack of one indented below it"
    assert "\x1b[31m password" not in text
    assert "\x1b[2J" not in text
    assert "\x9b" not in text
    assert "hunter2" not in text


def test_nobody_at_a_terminal_sees_metrics(say: Callable[[str | None], str]) -> None:
    assert "metrics" not in say("text")


def test_a_terminal_gets_text_unless_told_otherwise(variables: dict[str, str]) -> None:
    ours, theirs = pty.openpty()
    code = "from service.kit.logs import chosen; print(chosen(None), chosen('json'))"
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=variables, stdout=theirs, check=True)
    os.close(theirs)
    assert os.read(ours, 100).split() == [b"text", b"json"]
    os.close(ours)


def test_on_google_cloud_each_line_has_its_names_for_the_level_and_the_trace(
    variables: dict[str, str],
) -> None:
    code = """
from service.kit import stdout
stdout.for_google("acme-shop")
trace = "0af7651916cd43dd8448eb211c80319c"
stdout.write('{"level":"warning","message":"said \\\\"level\\\\":\\\\"info\\\\"","trace_id":"%s"}' % trace)
stdout.write('{"level": "info", "trace_id": null}')
stdout.write("no JSON")
"""
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=variables, capture_output=True, text=True, check=True
    )
    first, second, third = done.stdout.splitlines()
    assert json.loads(first) == {
        "severity": "WARNING",
        "message": 'said "level":"info"',
        "trace_id": "0af7651916cd43dd8448eb211c80319c",
        "logging.googleapis.com/trace": "projects/acme-shop/traces/0af7651916cd43dd8448eb211c80319c",
    }
    assert json.loads(second) == {"severity": "INFO", "trace_id": None}
    assert third == "no JSON"
