"""Start nginx and Apache, each before a real Gunicorn, as in a task."""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.service.conftest import checkout, launch, started, variables
from tests.service.gunicorn_process import ROOT, Server, Servers, free_port
from tests.wait import wait_for

__all__ = ["checkout", "launch", "started", "variables"]

PROGRAMS = {"nginx": ["nginx"], "apache": ["apache2", "httpd"]}
SLOTS = 4


@pytest.fixture(scope="session", params=["nginx", "apache"])
def kind(request: pytest.FixtureRequest) -> str:
    """Return each proxy in turn."""
    kind = str(request.param)
    path = f"{os.environ['PATH']}:/usr/sbin"
    if not any(shutil.which(name, path=path) for name in PROGRAMS[kind]):
        pytest.fail(f"{kind} is not installed: apt-get install nginx-light apache2")
    return kind


@pytest.fixture(scope="session")
def app(started: Callable[..., Server]) -> Server:
    """Start the service with the tests' routes, to be reached through two proxies: load balancer and ours."""
    return started(GUNICORN_WORKERS="1", GUNICORN_THREADS=str(SLOTS), PROXY_HOPS="2")


@pytest.fixture(scope="session")
def run(tmp_path_factory: pytest.TempPathFactory, kind: str) -> Iterator[Callable[..., Server]]:
    """Return a function that starts a proxy by its `start` script; a variable of None is removed."""
    servers = Servers()
    stack = ExitStack()

    def begin(upstream: int, **changes: str | None) -> Server:
        folder = tmp_path_factory.mktemp("proxy")
        # Folders of people may have blanks.
        # If root starts a proxy, its workers run as another user, who may not enter pytest's folders.
        scratch = stack.enter_context(
            tempfile.TemporaryDirectory(prefix="a proxy-", ignore_cleanup_errors=True)
        )
        shared = stack.enter_context(
            tempfile.TemporaryDirectory(prefix="a shared-", ignore_cleanup_errors=True)
        )
        for each in (scratch, shared):
            Path(each).chmod(0o711)
        port = free_port()
        given = {
            "PATH": os.environ["PATH"],
            "TMPDIR": scratch,
            "PORT": str(port),
            "UPSTREAM_PORT": str(upstream),
            "UPSTREAM_CONNECTIONS": str(2 * SLOTS),
            "MAX_CONTENT_LENGTH_BYTES": "100000",
            "KEEPALIVE_S": "75",
            "PROXY_HOPS": "2",
            "READ_TIMEOUT_S": "60",
            "GRACEFUL_TIMEOUT_S": "30",
            "LAME_DUCK_S": "0",
            **changes,
        }
        given.setdefault("SHARED_FOLDER", shared)
        command = ["sh", str(ROOT / "infra" / "task" / "proxies" / kind / "start")]
        return servers.start(command, env=given, port=port, folder=folder)

    yield begin
    servers.end()
    stack.close()


@pytest.fixture(scope="session")
def running(run: Callable[..., Server], app: Server) -> Callable[..., Server]:
    """Return a function that starts a proxy before the app and waits until it answers."""

    def begin(**changes: str | None) -> Server:
        server = run(app.port, **changes)
        wait_for(lambda: server.answers() or server.process.poll() is not None, "the first answer")
        assert server.process.poll() is None, server.stderr.read_text()
        return server

    return begin


@pytest.fixture(scope="session")
def proxy(running: Callable[..., Server]) -> Server:
    """Start one proxy that all tests share."""
    return running()
