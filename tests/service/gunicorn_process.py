"""A real Gunicorn, started as the image starts it."""

import json
import signal
import socket
import ssl
import subprocess
import sys
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
        """The whole answer to these bytes, sent on a connection that is then half-closed."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE_S) as client:
            client.sendall(request)
            client.shutdown(socket.SHUT_WR)
            return b"".join(iter(lambda: client.recv(65536), b""))

    def answers(self) -> bool:
        try:
            return self.get("/healthz")[0].status == 200
        except OSError:
            return False

    def lines(self) -> list[dict[str, Any]]:
        """The log so far, without a line that is still being written."""
        return [json.loads(line) for line in self.stdout.read_text().rpartition("\n")[0].splitlines()]

    def lines_with(self, **fields: object) -> list[dict[str, Any]]:
        return [line for line in self.lines() if fields.items() <= line.items()]

    def count(self, start: str) -> int:
        """How many messages start so."""
        return sum(line["message"].startswith(start) for line in self.lines())

    def signal(self, number: signal.Signals) -> None:
        self.process.send_signal(number)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])
