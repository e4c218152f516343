"""Test that --json prints one document that a program can rely on, and all else on standard error."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from pydantic import TypeAdapter

from tests.operate.answers import well
from tests.operate.failures import FAILURES
from tests.operate.recorded import Recorded, Refusal
from tools.operate import __main__ as command_line
from tools.operate.status import Status
from tools.operate.why import Why

_CHECKER = Path(sys.executable).with_name("check-jsonschema")
_ENVELOPE: dict[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "properties": {
        "version": {"const": 1},
        "command": {"type": "string"},
        "environment": {"const": "dev"},
        "local": {"const": False},
        "exit_code": {"type": "integer"},
        "error": {"type": "string"},
        "answer": True,
    },
    "required": ["version", "command", "environment", "local", "exit_code", "error", "answer"],
    "additionalProperties": False,
}


def asked(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    *arguments: str,
    answers: dict[str, Any],
) -> dict[str, Any]:
    """Return the document that a command prints, checked against the envelope's schema."""
    recorded = Recorded(answers)
    monkeypatch.setattr(command_line, "Deployed", lambda *_, **__: recorded.deployed())
    command, *rest = arguments
    code = command_line.main([command, "dev", "--json", *rest])
    document: dict[str, Any] = json.loads(capsys.readouterr().out)
    assert (document["exit_code"], document["command"]) == (code, command)
    return document


def fits(document: dict[str, Any], kind: type, folder: Path) -> None:
    """Let check-jsonschema judge a document by the schema that the command's type gives."""
    answer = TypeAdapter(kind).json_schema(ref_template="#/$defs/{model}")
    schema = _ENVELOPE | {"$defs": answer.pop("$defs", {})}
    schema["properties"] = {**_ENVELOPE["properties"], "answer": answer}
    (folder / "schema.json").write_text(json.dumps(schema))
    (folder / "document.json").write_text(json.dumps(document))
    told = subprocess.run(
        [_CHECKER, "--schemafile", folder / "schema.json", folder / "document.json"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode == 0, told.stdout + told.stderr


@pytest.mark.parametrize(
    ("command", "kind", "answers"),
    [
        ("status", Status, well()),
        ("why", Why, FAILURES["package-missing"].answers()),
    ],
)
def test_the_answer_is_as_its_schema_says(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    command: str,
    kind: type,
    answers: dict[str, Any],
    tmp_path: Path,
) -> None:
    fits(asked(capsys, monkeypatch, command, answers=answers), kind, tmp_path)


def test_the_schema_refuses_an_answer_that_lacks_something(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    document = asked(capsys, monkeypatch, "status", answers=well())
    del document["answer"]["traffic"]
    with pytest.raises(AssertionError, match="'traffic' is a required property"):
        fits(document, Status, tmp_path)


def test_a_failure_is_a_document_too(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    refused = {"DescribeStacks": Refusal("AccessDenied", "User x is not allowed")}
    document = asked(capsys, monkeypatch, "status", answers=refused)
    assert (document["exit_code"], document["answer"]) == (1, None)
    assert "may not call DescribeStacks" in document["error"]


def test_afterwards_a_person_reads_on_standard_output_again(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked(capsys, monkeypatch, "status", answers=well())
    recorded = Recorded(well())
    monkeypatch.setattr(command_line, "Deployed", lambda *_, **__: recorded.deployed())
    command_line.main(["status", "dev"])
    assert "is well" in capsys.readouterr().out
