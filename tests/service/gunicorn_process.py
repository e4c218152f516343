"""Start a real Gunicorn as the image starts it."""

import json
import signal
import socket
import ssl
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPResponse, HTTPSConnection
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
COMMAND = [sys.executable, "-m", "gunicorn", "--config", "python:service.gunicorn_conf"]
PATIENCE_S = 15


@dataclass
class Server:
    """A running Gunicorn."""

    process: subprocess.Popen[bytes]
    port: int
    stdout: Path
    stderr: Path
    tls: bool = False
    health_path: str = "/healthz"
    shared: str = ""

    def connect(self) -> HTTPConnection:
        if self.tls:
            # As a load balancer does, without validating the certificate.
            unverified = ssl._create_unverified_context()
            return HTTPSConnection("127.0.0.1", self.port, timeout=PATIENCE_S, context=unverified)
        return HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_S)

    def get(self, path: str, **headers: str) -> tuple[HTTPResponse, bytes]:
        connection = self.connect()
        try:
            names = {name.replace("_", "-"): value for name, value in headers.items()}
            connection.request("GET", path, headers=names)
            response = connection.getresponse()
            return response, response.read()
        finally:
            connection.close()

    def raw(self, request: bytes) -> bytes:
        """Return the whole answer to these bytes, sent on a connection that is then half-closed."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE_S) as client:
            client.sendall(request)
            client.shutdown(socket.SHUT_WR)
            return b"".join(iter(lambda: client.recv(65536), b""))

    @contextmanager
    def held(self, folder: Path, count: int) -> Iterator[list[Future[int]]]:
        """Keep so many requests in flight until the end of the block."""
        # The slot of an earlier request is free only when its connection is closed: wait for that.
        self.raw(b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        until = folder / "until"
        with ThreadPoolExecutor(count) as pool:
            requests = [pool.submit(lambda: self.get(f"/held?until={until}")[0].status) for _ in range(count)]
            try:
                yield requests
            finally:
                until.touch()

    def answers(self) -> bool:
        try:
            return self.get(self.health_path)[0].status == 200
        except OSError:
            return False

    def lines(self) -> list[dict[str, Any]]:
        """Return the log so far, without a line that is still being written."""
        return [json.loads(line) for line in self.stdout.read_text().rpartition("\n")[0].splitlines()]

    def lines_with(self, **fields: object) -> list[dict[str, Any]]:
        return [line for line in self.lines() if fields.items() <= line.items()]

    def count(self, start: str) -> int:
        """Count the messages that start so."""
        return sum(line["message"].startswith(start) for line in self.lines())

    def signal(self, number: signal.Signals) -> None:
        self.process.send_signal(number)


class Servers:
    """Servers that end together."""

    def __init__(self) -> None:
        self._started: list[Server] = []

    def start(
        self,
        command: Sequence[str],
        *,
        env: Mapping[str, str | None],
        port: int,
        folder: Path,
        cwd: Path = ROOT,
    ) -> Server:
        """Start a server that writes its output to a folder; a variable that is None is not set."""
        given = {name: value for name, value in env.items() if value is not None}
        out, err = folder / "stdout", folder / "stderr"
        with out.open("wb") as stdout, err.open("wb") as stderr:
            process = subprocess.Popen(command, cwd=cwd, env=given, stdout=stdout, stderr=stderr)
        self._started.append(
            Server(
                process,
                port,
                out,
                err,
                tls="TLS_TO_TASKS" in given,
                health_path=given.get("HEALTH_PATH", "/healthz"),
                shared=given.get("SHARED_FOLDER", ""),
            )
        )
        return self._started[-1]

    def end(self) -> None:
        """Send SIGTERM to all, then wait for each."""
        for server in self._started:
            if server.process.poll() is None:
                server.process.terminate()
        for server in self._started:
            try:
                server.process.wait(PATIENCE_S)
            finally:
                server.process.kill()


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])
