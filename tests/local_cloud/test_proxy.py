"""Test that nginx runs before Gunicorn in each task, and is stopped before it."""

import http.client
from collections.abc import Iterator

import psutil
import pytest

from tests.local_cloud.conftest import command
from tests.wait import wait_for
from tools.local_cloud import images, running, scale
from tools.local_cloud.errors import LocalCloudError
from tools.local_cloud.state import State


@pytest.fixture(scope="module")
def staging(tmp_path_factory: pytest.TempPathFactory) -> Iterator[State]:
    state = State(tmp_path_factory.mktemp("staging") / "state")
    done = command(state, "up", "--environment", "staging", "--port", "0", "--speed", "0")
    try:
        assert done.returncode == 0, done.stdout + done.stderr
        yield state
    finally:
        done = command(state, "down")
    assert done.returncode == 0, done.stdout + done.stderr


def test_static_files_are_served_by_nginx_alone(staging: State) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", running.required(staging).front_port, timeout=10)
    connection.request("GET", "/static/which_task.css")
    answer = connection.getresponse()
    connection.close()
    assert (answer.status, answer.headers["X-Request-ID"]) == (200, None)


def test_nginx_answers_for_gunicorn(staging: State) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", running.required(staging).front_port, timeout=10)
    connection.request("GET", "/version")
    answer = connection.getresponse()
    assert (answer.status, answer.headers["Server"]) == (200, "nginx")
    connection.close()


def test_the_proxy_is_stopped_first_and_both_end_well(staging: State) -> None:
    before = running.tasks(staging)
    assert [len(task["processes"]) for task in before] == [2, 2]
    assert scale.scale(staging, 1) == 0
    [gone] = [task for task in before if task["id"] not in {each["id"] for each in _serving(staging)}]
    wait_for(
        lambda: not any(psutil.pid_exists(process["pid"]) for process in gone["processes"]),
        "the end of both containers",
    )
    log = (staging.logs / f"{gone['id'][:8]}-web.log").read_text()
    assert "Handling signal: term" in log
    assert "Shutting down: Master" in log


def _serving(state: State) -> list[dict[str, object]]:
    return [task for task in running.tasks(state) if task["status"] == "RUNNING"]


def test_a_proxy_that_is_not_installed_is_named(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = tmp_path_factory.mktemp("images") / "abc" / "proxy"
    kept.mkdir(parents=True)
    (kept / "nginx.conf").touch()
    monkeypatch.setattr(images, "_PROGRAMS", {"nginx.conf": ("nginx-of-another-world",)})
    with pytest.raises(LocalCloudError, match=r"Container proxy runs nginx-of-another-world.*make setup"):
        images.check_programs({"name": "proxy", "image": "repository:abc"}, kept.parents[1])
