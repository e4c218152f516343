"""Test that Gunicorn's settings are the variables, and that its dangerous features stay off."""

import runpy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from gunicorn.config import Config

Conf = dict[str, Any]


@pytest.fixture
def read(variables: dict[str, str], checkout: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], Conf]:
    """Read the file as Gunicorn does, under the required variables."""
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    return lambda: runpy.run_path(str(checkout / "service" / "gunicorn_conf.py"))


@pytest.fixture
def conf(read: Callable[[], Conf]) -> Conf:
    return read()


def test_values_are_those_of_the_variables(conf: Conf, variables: dict[str, str]) -> None:
    assert {
        "GUNICORN_WORKERS": str(conf["workers"]),
        "GUNICORN_THREADS": str(conf["threads"]),
        "GUNICORN_TIMEOUT_S": str(conf["timeout"]),
        "GUNICORN_GRACEFUL_TIMEOUT_S": str(conf["graceful_timeout"]),  # after a lame duck of 0 s
        "PORT": conf["bind"].removeprefix("127.0.0.1:"),
    }.items() <= variables.items()


def test_gunicorn_refuses_no_line_or_header_that_the_proxy_passes_on(
    conf: Conf, read: Callable[[], Conf], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert conf["limit_request_line"] == 0
    monkeypatch.setenv("GUNICORN_HEADER_LINE_BYTES", "54321")
    assert read()["limit_request_field_size"] == 54321


def test_each_request_has_a_connection_of_its_own(conf: Conf) -> None:
    assert conf["keepalive"] == 0


def test_every_public_name_is_a_setting_that_gunicorn_knows(conf: Conf) -> None:
    imported = {"gc", "os", "runpy", "socket", "sys", "Arbiter", "Path", "ServerSettings", "Worker", "load"}
    names = {name for name in conf if not name.startswith("_")} - imported
    assert names <= Config().settings.keys()


def test_workers_are_threaded_and_share_nothing_opened_before_the_fork(conf: Conf) -> None:
    assert (conf["worker_class"], conf["preload_app"]) == ("service.server.worker.Worker", False)


def test_gunicorn_itself_believes_no_header(conf: Conf) -> None:
    assert (conf["forwarder_headers"], conf["secure_scheme_headers"]) == ("", {})


def test_nothing_is_written_to_the_root_file_system(conf: Conf) -> None:
    assert conf["control_socket_disable"] is True
    assert conf["worker_tmp_dir"] in {"/dev/shm", None}
    assert conf["accesslog"] is None


@pytest.mark.parametrize(("host", "bind"), [("0.0.0.0", "0.0.0.0:8000"), ("::", "[::]:8000")])
def test_listens_where_the_image_says(
    read: Callable[[], Conf], monkeypatch: pytest.MonkeyPatch, host: str, bind: str
) -> None:
    monkeypatch.setenv("HOST", host)
    assert read()["bind"] == bind
