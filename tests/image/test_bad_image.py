"""Test that each fault of an image that has every fault is named, with the thing to do."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.image.machine import Machine
from tests.image.runs import Run, preflight

# Each check by its name, and a part of the text it must print for the bad image.
FAULTS = {
    "architecture": "exec format error",
    "image user": "the image's user is root",
    "exec form": "ENTRYPOINT is in shell form",
    "server": "runs the development server",
    "debug mode": "it sets FLASK_DEBUG",
    "secrets": "variable DATABASE_PASSWORD",
    "build tools": "gcc",
    "volumes": "/tmp, which belongs to root",
    "healthy": "no healthy answer within the grace period of 15 s",
    "health check": "/healthz is answered 404",
    "writable": "uid 10001 cannot write to /tmp",
    "served by": "Flask's development server",
    "debugger": "Werkzeug's debugger answers visitors",
    "stream": "it is held back",
    "killed worker": "one crash is an outage",
    "exit code": "ignores SIGTERM and is killed (137)",
    "stop timeout": "after SIGTERM",
    "writes": "'/app/uploads'",
}


@pytest.mark.parametrize("fault", FAULTS)
def test_each_fault_is_named_with_its_fix(runs: dict[str, Run], fault: str) -> None:
    (check,) = (check for check in runs["bad"].report["checks"] if check["name"] == fault)
    assert not check["ok"]
    assert FAULTS[fault] in check["found"]
    assert check["fix"]


def test_a_person_reads_a_line_and_a_fix_for_each_and_the_exit_code_is_1(runs: dict[str, Run]) -> None:
    run = runs["bad"]
    assert run.code == 1
    assert (
        run.out.count("FAIL ")
        == run.out.count("fix:")
        == list(run.checks.values()).count(False)
        >= len(FAULTS)
    )


@pytest.mark.parametrize("where", ["variable DATABASE_PASSWORD", "API_TOKEN in the history", "/app/.env"])
def test_secrets_are_found_wherever_they_are_and_never_shown(runs: dict[str, Run], where: str) -> None:
    assert where in runs["bad"].found("secrets")
    assert "hunter2" not in runs["bad"].out
    assert "0123456789" not in runs["bad"].out


def test_a_file_that_was_deleted_in_a_later_layer_is_still_there(runs: dict[str, Run]) -> None:
    assert "deleted later but still in layer" in runs["bad"].found("secrets")


def test_more_memory_than_the_task_has_is_found(runs: dict[str, Run]) -> None:
    assert "the kernel killed it" in runs["hoarder"].found("memory")


def test_a_start_that_takes_longer_than_the_grace_period_is_found(runs: dict[str, Run]) -> None:
    assert "within the grace period of 15 s" in runs["late"].found("healthy")


def test_a_container_that_ends_is_found_with_its_last_words(runs: dict[str, Run]) -> None:
    assert "there is no database" in runs["ends"].found("healthy")
    assert runs["ends"].code == 1


def test_an_image_that_is_not_there_is_no_fault_but_exit_code_2(machine: Machine, assembly: Path) -> None:
    run = preflight(machine, "localhost/nobody:1", "--assembly", str(assembly))
    assert run.code == 2
    assert "has no image 'localhost/nobody:1'" in run.out
    assert "Traceback" not in run.out


def test_nothing_is_left_behind(runs: dict[str, Run], containers: Callable[[], set[str]]) -> None:
    assert runs
    assert containers() == set()
