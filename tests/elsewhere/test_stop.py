"""The service stops as each place stops it: with the variables of the manifest, SIGTERM to all at once."""

import os
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from http.client import HTTPException
from pathlib import Path
from typing import NamedTuple

import psutil
import pytest

from infra.elsewhere import timeouts
from infra.parameters import Google, Place
from tests.elsewhere.examples import PLACES, PORTABLE, at, variables
from tests.service.conftest import checkout
from tests.service.gunicorn_process import ROOT, Server, Servers, free_port
from tests.wait import wait_for

__all__ = ["checkout"]

# Short, so that no test waits for half a minute.
ENVIRONMENT = PORTABLE.model_copy(update={"longest_request_s": 5})
HELD, CLIENTS = 8, 2


class Instance(NamedTuple):
    """An instance of a place: its proxy, the service behind it, and the folder that they share."""

    proxy: Server
    service: Server
    shared: Path

    def stop(self) -> float:
        """Send SIGTERM to both, as these places do; return when."""
        for each in (self.service, self.proxy):
            each.signal(signal.SIGTERM)
        return time.monotonic()

    def ended(self) -> bool:
        return all(each.process.poll() is not None for each in (self.proxy, self.service))

    def at_work(self) -> int:
        """Return how many requests have reached Gunicorn's workers."""
        workers = psutil.Process(self.service.process.pid).children(recursive=True)
        return sum(each.status == "ESTABLISHED" for worker in workers for each in worker.net_connections())

    def listens(self) -> bool:
        try:
            self.proxy.raw(b"GET /healthz HTTP/1.0\r\nHost: a\r\n\r\n")
        except ConnectionRefusedError:
            return False
        except OSError:
            return True
        return True


@pytest.fixture(params=PLACES, ids=lambda place: place.kind)
def place(request: pytest.FixtureRequest) -> Place:
    return at(request.param, ENVIRONMENT)


@pytest.fixture
def instance(place: Place, checkout: Path, tmp_path: Path) -> Iterator[Instance]:
    servers, ports = Servers(), {name: free_port() for name in ("web", "proxy")}
    with tempfile.TemporaryDirectory(prefix="shared-", ignore_cleanup_errors=True) as shared:
        Path(shared).chmod(0o711)
        # What the machine gives, and not the manifest: addresses, ports and folders.
        own = {"PATH": os.environ["PATH"], "SHARED_FOLDER": shared, "HOST": "127.0.0.1", "TMPDIR": shared}
        web = {**variables(ENVIRONMENT, place, "web"), **own, "PORT": str(ports["web"])}
        proxy = {
            **variables(ENVIRONMENT, place, "proxy"),
            **own,
            "PORT": str(ports["proxy"]),
            "UPSTREAM_PORT": str(ports["web"]),
        }
        folders = [tmp_path / name for name in ("web", "proxy")]
        for folder in folders:
            folder.mkdir()
        gunicorn = [sys.executable, "-m", "gunicorn", "--config", "python:service.gunicorn_conf"]
        service = servers.start(gunicorn, env=web, port=ports["web"], folder=folders[0], cwd=checkout)
        start = ["sh", str(ROOT / "infra/task/proxies/nginx/start")]
        front = servers.start(start, env=proxy, port=ports["proxy"], folder=folders[1])
        wait_for(front.answers, "the first answer")
        yield Instance(front, service, Path(shared))
        servers.end()


def test_no_request_is_lost_within_the_budget(instance: Instance, tmp_path: Path) -> None:
    asked: list[int | str] = []

    def ask() -> None:
        """Send request after request until the instance says that it stops."""
        while not (instance.shared / "stopping").exists():
            try:
                asked.append(instance.proxy.get("/")[0].status)
            except ConnectionRefusedError:
                return  # a front end asks another instance
            except (OSError, HTTPException) as error:
                asked.append(repr(error))

    clients = [threading.Thread(target=ask) for _ in range(CLIENTS)]
    with instance.proxy.held(tmp_path, HELD) as held:
        wait_for(lambda: instance.at_work() == HELD, "requests at work")
        for client in clients:
            client.start()
        wait_for(lambda: len(asked) > 5 * CLIENTS, "load")
        instance.stop()
        # The port is closed: from here on only what was accepted is answered.
        wait_for(lambda: not instance.listens(), "the end of the lame duck")
        assert instance.service.process.poll() is None
    for client in clients:
        client.join()
    assert {each.result() for each in held} == {200}
    assert {*asked} <= {200, 503}  # a refusal is an answer, too
    wait_for(instance.ended, "the end of both")


def test_the_log_has_the_names_that_the_place_reads(instance: Instance, place: Place) -> None:
    trace = "0af7651916cd43dd8448eb211c80319c"
    instance.proxy.get("/", traceparent=f"00-{trace}-b7ad6b7169203331-01")
    (line,) = wait_for(lambda: instance.service.lines_with(trace_id=trace), "the line of the request")
    if isinstance(place, Google):
        assert line["logging.googleapis.com/trace"] == f"projects/{place.project}/traces/{trace}"
    level = "severity" if isinstance(place, Google) else "level"
    assert all(each[level].lower() in ("info", "warning") for each in instance.service.lines())


def test_what_takes_longer_is_cut_and_named_before_the_place_kills_it(
    instance: Instance, place: Place, tmp_path: Path, report: list[str]
) -> None:
    chain = timeouts(ENVIRONMENT, place)
    until = tmp_path / "never"
    with ThreadPoolExecutor(1) as pool:
        cut = pool.submit(instance.proxy.get, f"/held?until={until}")
        wait_for(instance.at_work, "a request at work")
        began = instance.stop()
        wait_for(instance.ended, "the end of both", within_s=60)
        took_s = time.monotonic() - began
        with suppress(OSError, HTTPException):
            assert cut.result()[0].status != 200
    assert took_s >= chain.lame_duck_s + chain.gunicorn_graceful_timeout_s
    report.append(f"{place.title}: {took_s:.1f} s from SIGTERM to the end, of {chain.stop_timeout_s} s")
    levels = {each.get("severity", each.get("level", "")).lower() for each in instance.service.lines()}
    assert "error" in levels
