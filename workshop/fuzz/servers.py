"""Start nginx and Apache, each before a Gunicorn with the kit and an app that says what it has read."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.service.gunicorn_process import COMMAND, ROOT, Server, Servers, free_port
from tests.service.installed import copy_kit
from tests.wait import wait_for

APP = Path(__file__).parent / "app"
KINDS = ("nginx", "apache")
VARIABLES = {
    "ENVIRONMENT": "fuzz",
    "VERSION": "fuzz",
    "HOST": "127.0.0.1",
    "PROXY_HOPS": "2",
    "GUNICORN_WORKERS": "1",
    "GUNICORN_THREADS": "8",
    "GUNICORN_TIMEOUT_S": "30",
    "GUNICORN_GRACEFUL_TIMEOUT_S": "5",
    "GRACEFUL_TIMEOUT_S": "5",
    "READ_TIMEOUT_S": "20",
    "KEEPALIVE_S": "75",
    "LAME_DUCK_S": "0",
    "MAX_CONTENT_LENGTH_BYTES": "100000",
    "UPSTREAM_CONNECTIONS": "256",
}


@dataclass
class Pair:
    """A proxy and the Gunicorn behind it."""

    kind: str
    proxy: Server
    app: Server
    booted: int = 1

    @property
    def port(self) -> int:
        """Return where the proxy listens."""
        return self.proxy.port

    def fault(self) -> str | None:
        """Return what has gone wrong since the last call beside the answers."""
        if not self.proxy.answers():
            return "it does not answer any more"
        booted, before = self.app.count("Booting worker"), self.booted
        self.booted = booted
        return f"{booted - before} workers died" if booted > before else None


@contextmanager
def pairs() -> Iterator[tuple[Pair, ...]]:
    """Start both pairs; end them at the end of the block."""
    servers = Servers()
    with tempfile.TemporaryDirectory(prefix="fuzz-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        folder.chmod(0o711)  # if root starts a proxy, its workers are another user
        kit = copy_kit(folder / "kit", app=APP)
        try:
            yield tuple(_pair(servers, folder, kit, kind) for kind in KINDS)
        finally:
            servers.end()


def _pair(servers: Servers, folder: Path, kit: Path, kind: str) -> Pair:
    outputs = folder / f"{kind}-app", folder / f"{kind}-proxy"
    for each in outputs:
        each.mkdir(mode=0o711)
    variables = {**VARIABLES, "PATH": os.environ["PATH"], "TMPDIR": str(folder)}
    port, front = free_port(), free_port()
    app = servers.start(COMMAND, env={**variables, "PORT": str(port)}, port=port, folder=outputs[0], cwd=kit)
    proxy = servers.start(
        ["sh", str(ROOT / "infra" / "task" / "proxies" / kind / "start")],
        env={**variables, "PORT": str(front), "UPSTREAM_PORT": str(port)},
        port=front,
        folder=outputs[1],
    )
    wait_for(proxy.answers, f"the first answer through {kind}")
    return Pair(kind, proxy, app)
