"""Test that what cannot be undone takes a person: a program without a terminal gets a plan and a token."""

import io
import itertools
import os
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.operate.answers import NOW, definition_arn, rule, service, stacks, tasks
from tests.operate.recorded import Recorded
from tests.operate.test_rollback import Aws, deployment
from tools.operate import __main__ as command_line
from tools.operate import consent, deploy, ship
from tools.operate.verdict import Judged
from tools.review.reasons import Reason

_JOB = {
    "LogicalResourceId": "TaskJobNightly",
    "PhysicalResourceId": definition_arn(2),
    "ResourceType": "AWS::ECS::TaskDefinition",
    "ResourceStatus": "CREATE_COMPLETE",
    "LastUpdatedTimestamp": NOW,
}
_DESTRUCTIVE = (
    ("rollback", "dev"),
    ("rollback", "dev", "--to", "1"),
    ("destroy", "dev"),
    ("destroy", "dev", "--app", "cdk.out"),
    ("maintenance-on", "dev"),
    ("maintenance-on", "dev", "--message", "Gone"),
    ("run-job", "dev", "--name", "web"),
    ("run-task", "dev", "--", "flask", "db", "downgrade", "base"),
    ("run-task", "dev", "--", "python", "-c", "db.drop_all()"),
    ("exec", "dev"),
    ("exec", "dev", "--shell", "python -c 'db.drop_all()'"),
    ("console", "dev"),
    ("tunnel", "dev", "--to", "db"),
    ("psql", "dev"),
    ("psql", "dev", "--sql", "drop table guests"),
    ("pause", "dev"),
    ("deploy", "dev", "--accept"),
)
# What a program could try when it is told no.
_TRIES: tuple[tuple[tuple[str, ...], str, dict[str, str]], ...] = (
    ((), "", {}),
    ((), "yes\n", {}),
    ((), "dev\n", {}),
    (("--json",), "y\n", {}),
    (("--token", "0123456789"), "", {}),
    (("--token", "TOKEN"), "", {}),
    (("--token", "TOKEN"), "yes\n", {}),
    (("--yes",), "", {}),
    ((), "", {"CI": "true", "GITHUB_ACTIONS": "true"}),
    (("--token", "TOKEN", "--json"), "", {"TERM": "xterm"}),
)


def _aws() -> Recorded:
    answers: dict[str, Any] = {
        **Aws(deployment(2, hours=5), deployment(1, hours=9)).recorded.answers,
        "ListStackResources": {"StackResourceSummaries": [_JOB]},
        "GetTemplate": {"TemplateBody": '{"Resources": {"TaskJobNightly": {}}}'},
        "DescribeLogGroups": {"logGroups": []},
        "DescribeRules": {"Rules": [rule("default")]},
        "DescribeTasks": tasks(enableExecuteCommand=True),
    }
    described = answers["DescribeTaskDefinition"]

    def with_a_database(asked: dict[str, Any]) -> dict[str, Any]:
        found: dict[str, Any] = described(asked)
        [web] = found["taskDefinition"]["containerDefinitions"]
        names = ("DATABASE_HOST", "DATABASE_PORT", "DATABASE_NAME", "DATABASE_USER")
        web["environment"] = [*web["environment"], *({"name": name, "value": "5432"} for name in names)]
        web["secrets"] = [{"name": "DATABASE_PASSWORD", "valueFrom": "arn:the-secret"}]
        return found

    of_sleep = [{"OutputKey": key, "OutputValue": "it"} for key in ("SleepFunction", "SleepTargets")]
    stack = stacks()
    stack["Stacks"][0]["Outputs"] += of_sleep
    answers |= {
        "DescribeStacks": stack,
        "DescribeServices": service(revision=3, enableExecuteCommand=True),
        "DescribeTaskDefinition": with_a_database,
    }
    return Recorded(answers)


@pytest.fixture
def program(monkeypatch: pytest.MonkeyPatch) -> Recorded:
    """Return the AWS that a program without a terminal meets."""
    recorded = _aws()
    deployed = recorded.deployed()
    monkeypatch.setattr(consent, "a_person_is_here", _really_here)
    monkeypatch.setattr(command_line, "Deployed", lambda *_, **__: deployed)
    for where, name in ((subprocess, "run"), (subprocess, "Popen"), (ship, "Popen")):
        monkeypatch.setattr(where, name, lambda *_, **__: pytest.fail("something was started"))
    dangerous = Judged("dangerous", [Reason("dangerous", "The database is deleted.")], first=False)
    monkeypatch.setattr(deploy, "judged", lambda *_: dangerous)
    monkeypatch.setattr(ship, "git", lambda *_: "")
    monkeypatch.setattr("shutil.which", lambda _: "/bin/plugin")
    return recorded


_really_here = consent.a_person_is_here


def _called(*arguments: str) -> int:
    try:
        return command_line.main(arguments)
    except SystemExit as ended:  # argparse's, of an option that does not exist
        return int(ended.code or 0)


@pytest.mark.parametrize("given", _DESTRUCTIVE, ids=" ".join)
def test_of_more_than_a_hundred_destructive_calls_without_a_terminal_none_succeeds(
    program: Recorded,
    given: tuple[str, ...],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO())
    command, environment, *rest = given
    _called(*given)
    token = next(iter(re.findall(r"TOKEN=(\w+)", capsys.readouterr().err)), "none")
    for options, typed, variables in _TRIES:
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr("sys.stdin", io.StringIO(typed))
        tried = tuple(token if each == "TOKEN" else each for each in options)
        assert _called(command, environment, *tried, *rest) == 2, tried
    changing = [name for name, _ in program.asked if not name.startswith(("Describe", "Get", "List"))]
    assert changing == []


def test_the_campaign_has_more_than_a_hundred_calls_and_every_command_that_takes_a_person() -> None:
    assert len(list(itertools.product(_DESTRUCTIVE, _TRIES))) > 100
    tools = Path(consent.__file__).parent
    asking = {
        name
        for path in tools.glob("*.py")
        for name in re.findall(r'agreed\(\s*deployed,\s*"([a-z-]+)"', path.read_text())
    }
    assert asking == {command for command, *_ in _DESTRUCTIVE}


@pytest.mark.parametrize("kind", ["a pipe from yes", "a file", "nothing"])
def test_what_is_no_terminal_is_no_person(kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(consent, "a_person_is_here", _really_here)
    reading, writing = os.pipe()
    os.write(writing, b"yes\n" * 100)
    os.close(writing)
    (tmp_path / "answers").write_text("yes\ndev\n")
    given: Any = {"a pipe from yes": reading, "a file": tmp_path / "answers", "nothing": os.devnull}[kind]
    with open(given) as stdin:  # noqa: PTH123 (a descriptor, too)
        monkeypatch.setattr("sys.stdin", stdin)
        assert not consent.a_person_is_here()
    if kind != "a pipe from yes":
        os.close(reading)


@pytest.mark.usefixtures("program")
def test_the_plan_says_what_would_happen_and_how_a_person_agrees(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO())
    assert _called("rollback", "dev", "--to", "1") == 2
    told = capsys.readouterr().err
    assert "Web-dev goes from web:3 (version version-3) to web:1 (version version-1)." in told
    assert re.search(r"make rollback ENV=dev 'ARGS=--to 1' TOKEN=[0-9a-f]{10}\n", told)
    assert "--yes" not in told


def _token(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *given: str) -> str:
    """Return the token that a program is given for a person."""
    monkeypatch.setattr(consent, "a_person_is_here", lambda: False)
    assert _called(*given) == 2
    monkeypatch.setattr(consent, "a_person_is_here", lambda: True)
    return str(re.findall(r"TOKEN=(\w+)", capsys.readouterr().err)[-1])


def _never_asked(_: str) -> str:
    pytest.fail("a person who hands a token back is asked nothing more")


def test_a_person_who_hands_the_token_back_is_asked_nothing_more(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    aws = Aws(deployment(2, hours=5))
    monkeypatch.setattr(command_line, "Deployed", lambda *_, **__: aws.recorded.deployed())
    monkeypatch.setattr("builtins.input", _never_asked)
    token = _token(monkeypatch, capsys, "rollback", "dev")
    assert _called("rollback", "dev", "--token", token) == 0
    assert aws.runs == 2


def test_a_token_is_of_one_plan_alone(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    aws: Any = Aws(deployment(2, hours=5), deployment(1, hours=9))
    monkeypatch.setattr(command_line, "Deployed", lambda *_, **__: aws.recorded.deployed())
    token = _token(monkeypatch, capsys, "rollback", "dev", "--to", "1")
    assert _called("rollback", "dev", "--to", "2", "--token", token) == 2
    assert "is for another plan: something has changed since" in capsys.readouterr().err
    assert aws.runs == 3


@pytest.mark.usefixtures("program")
@pytest.mark.parametrize(
    ("command", "other"),
    [
        (("exec", "dev"), ("exec", "dev", "--shell", "python -c 'db.drop_all()'")),
        (("console", "dev"), ("console", "dev", "--shell", "flask db downgrade")),
        (("psql", "dev", "--sql", "select 1"), ("psql", "dev", "--sql", "drop table guests")),
        (("run-task", "dev", "--", "flask", "routes"), ("run-task", "dev", "--", "flask", "db", "downgrade")),
    ],
)
def test_a_token_is_of_what_would_run(
    command: tuple[str, ...],
    other: tuple[str, ...],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert _token(monkeypatch, capsys, *command) != _token(monkeypatch, capsys, *other)


@pytest.mark.usefixtures("program")
def test_reading_needs_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO())
    assert not consent.a_person_is_here()
    assert _called("releases", "dev") == 0
