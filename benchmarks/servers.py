"""Start every server that is compared as its documentation says, on a port of 127.0.0.1."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import psutil

from tools import app_environment

ROOT = Path(__file__).resolve().parent.parent
# The app's own environment, for all servers: the commands' own Python lacks packages of the app.
PYTHON = str(app_environment.FOLDER / "bin" / "python")
_ended_cpu_s: list[float] = []
NO_SETTINGS: Mapping[str, str] = MappingProxyType({})
# granian and waitress have an environment of their own, made by `make bench`.
PEERS = ROOT / "benchmarks" / ".venv" / "bin" / "python"

KINDS = {
    "flask run": "Flask's development server, a thread per connection",
    "gthread": "Gunicorn's threads as they come",
    "gthread, bare WSGI": "Gunicorn's threads with no framework: the limit of what Gunicorn can do",
    "gthread, WSGI limit": "twice the threads, and a WSGI layer that admits half of them",
    "gthread, nginx": "Gunicorn's threads behind the nginx of infra/task/proxies, which alone limits",
    "ours": "the service without its proxy: a quick look, no shape that ships",
    "ours, nginx": "the service behind the nginx of infra/task/proxies",
    "ours, apache": "the service behind the Apache of infra/task/proxies",
    "granian": "granian, its own HTTP in Rust",
    "waitress": "waitress, which buffers requests in its own loop",
}


@dataclass(frozen=True)
class Server:
    """A running server, its processes, and the file that they log to."""

    kind: str
    port: int
    processes: tuple[subprocess.Popen[bytes], ...]
    log: Path = Path(os.devnull)

    def memory_mib(self) -> float:
        """Return the memory that all its processes take now, shared pages divided among their users (PSS)."""
        return round(self._sum(lambda each: each.memory_full_info().pss) / 1024**2, 1)

    def threads(self) -> int:
        """Count the threads that all its processes have now."""
        return int(self._sum(lambda each: each.num_threads()))

    def cpu_s(self) -> float:
        """Return the CPU time that all its processes have used so far."""
        return self._sum(lambda each: sum(each.cpu_times()[:2]))

    def app_cpu_s(self) -> float:
        """Return the CPU time so far of all processes but the proxy's."""
        return Server(self.kind, self.port, self.processes[:1]).cpu_s()

    def pids(self) -> list[list[int]]:
        """Return the numbers of the app's processes, and then those of its proxy's."""
        return [[each.pid for each in _family(process.pid)] for process in self.processes]

    def _sum(self, measure: Callable[[psutil.Process], float]) -> float:
        total = 0.0
        for process in self.processes:
            for each in _family(process.pid):
                with contextlib.suppress(psutil.NoSuchProcess):
                    total += measure(each)
        return total

    def terminate(self) -> None:
        """Send SIGTERM to the proxy first, and to the app when the proxy has gone, as ECS does."""
        for process in reversed(self.processes):
            process.send_signal(signal.SIGTERM)
            process.wait(60)


def _family(pid: int) -> Iterator[psutil.Process]:
    """Return a process and all that it has started."""
    with contextlib.suppress(psutil.NoSuchProcess):
        main = psutil.Process(pid)
        yield from (main, *main.children(recursive=True))


def free_port() -> int:
    """Return a port of 127.0.0.1 that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def available(kinds: list[str]) -> list[str]:
    """Return the kinds of servers that can run here; say which cannot, and why."""
    able = []
    for kind in kinds:
        if kind in {"granian", "waitress"} and not PEERS.exists():
            print(f"{kind} is left out: it is not installed; run `make bench` once", file=sys.stderr)
        elif not _proxy_installed(kind):
            print(f"{kind!r} is left out: no such proxy here; install nginx and apache2", file=sys.stderr)
        else:
            able.append(kind)
    return able


def _proxy_installed(kind: str) -> bool:
    names = {"nginx": ["nginx"], "apache": ["httpd", "apache2"]}
    wanted = next((found for word, found in names.items() if word in kind), None)
    folders = [*os.environ["PATH"].split(":"), "/usr/sbin"]
    return wanted is None or any(Path(folder, name).exists() for folder in folders for name in wanted)


def variables(port: int, *, workers: int, threads: int, lame_duck_s: int = 0) -> dict[str, str]:
    """Return the variables that the task definition would set for the service."""
    return {
        **{key: os.environ[key] for key in ("PATH", "HOME") if key in os.environ},
        "PYTHONPATH": str(ROOT),
        "ENVIRONMENT": "benchmark",
        "VERSION": "benchmark",
        "PORT": str(port),
        "PROXY_HOPS": "1",
        "GUNICORN_WORKERS": str(workers),
        "GUNICORN_THREADS": str(threads),
        "GUNICORN_TIMEOUT_S": "40",
        "GUNICORN_GRACEFUL_TIMEOUT_S": "30",
        "LAME_DUCK_S": str(lame_duck_s),
        "LIMIT": str(threads),
    }


@contextlib.contextmanager
def running(
    kind: str,
    *,
    workers: int = 1,
    threads: int = 8,
    wall: int | None = None,
    lame_duck_s: int = 0,
    settings: Mapping[str, str] = NO_SETTINGS,
) -> Iterator[Server]:
    """Start a server, wait until it answers, and end it and its children afterwards."""
    port, app_port = free_port(), free_port()
    proxied = "nginx" in kind or "apache" in kind
    values = variables(
        app_port if proxied else port,
        workers=workers,
        threads=threads,
        lame_duck_s=0 if proxied else lame_duck_s,
    )
    values |= settings
    commands = [(_command(kind, values), values)]
    with tempfile.TemporaryDirectory(prefix="benchmark-") as folder:
        Path(folder).chmod(0o755)  # if root starts nginx, its workers are another user
        if proxied and kind.startswith("ours"):
            values["SHARED_FOLDER"] = folder
        if proxied:
            # The kit's own worker refuses by itself, and nginx only a flood. Gunicorn's has only nginx.
            ours = kind.startswith("ours")
            most = (wall or 256 * workers) if ours else 2 * threads * workers
            commands.append(_proxy(kind, port, app_port, most, folder, lame_duck_s))
        with Path(folder, "log").open("ab") as log:  # as nginx appends, too
            processes = tuple(
                subprocess.Popen(command, env=env, cwd=ROOT, stdout=log, stderr=log, start_new_session=True)
                for command, env in commands
            )
        server = Server(kind, port, processes, Path(folder, "log"))
        try:
            _wait_for_answer(server, Path(folder, "log"))
            yield server
        finally:
            _end(server)


def _command(kind: str, values: dict[str, str]) -> list[str]:
    threads, workers, port = values["GUNICORN_THREADS"], values["GUNICORN_WORKERS"], values["PORT"]
    gunicorn = [PYTHON, "-m", "gunicorn"]
    if kind.startswith("ours"):
        app = values.get("APP", "kit")
        return [*gunicorn, "--config", "python:service.gunicorn_conf", f"benchmarks.apps:{app}()"]
    if kind.startswith("gthread"):
        doubled = str(2 * int(threads)) if kind == "gthread, WSGI limit" else threads
        app = (
            "limited()"
            if kind == "gthread, WSGI limit"
            else "wsgi"
            if kind == "gthread, bare WSGI"
            else "bare()"
        )
        options = ["--no-control-socket", "-k", "gthread", "-w", workers, "--threads", doubled]
        options += ["--keep-alive", "75", "-b", f"127.0.0.1:{port}"]
        return [*gunicorn, *options, f"benchmarks.apps:{app}"]
    if kind == "granian":
        options = ["--interface", "wsgi", "--workers", workers, "--blocking-threads", threads, "--factory"]
        options += ["--host", "127.0.0.1", "--port", port]
        return [str(PEERS.with_name("granian")), *options, "benchmarks.apps:bare"]
    if kind == "waitress":
        options = [f"--listen=127.0.0.1:{port}", f"--threads={threads}", "--connection-limit=4000"]
        return [str(PEERS.with_name("waitress-serve")), *options, "--call", "benchmarks.apps:bare"]
    return [PYTHON, "-m", "benchmarks.apps"]


def _proxy(
    kind: str, port: int, app_port: int, wall: int, folder: str, lame_duck_s: int
) -> tuple[list[str], dict[str, str]]:
    source = ROOT / "infra" / "task" / "proxies" / ("apache" if "apache" in kind else "nginx")
    values = {
        "PATH": os.environ["PATH"],
        "PORT": str(port),
        "UPSTREAM_PORT": str(app_port),
        "UPSTREAM_CONNECTIONS": str(wall),
        "SHARED_FOLDER": folder,
        "MAX_CONTENT_LENGTH_BYTES": str(10 * 1024**2),
        "KEEPALIVE_S": "75",
        "PROXY_HOPS": "2",
        "READ_TIMEOUT_S": "60",
        "GRACEFUL_TIMEOUT_S": "30",
        "LAME_DUCK_S": str(lame_duck_s),
    }
    return ["sh", str(source / "start")], values


def answers(port: int) -> bool:
    """Return whether GET /healthz is answered with 200 within a second."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1) as client:
            client.sendall(b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
            return client.recv(12).endswith(b" 200")
    except OSError:
        return False


def _wait_for_answer(server: Server, log: Path) -> None:
    ends_at = time.monotonic() + 20
    while not answers(server.port):
        if time.monotonic() > ends_at or any(each.poll() is not None for each in server.processes):
            raise SystemExit(f"{server.kind} does not answer:\n{log.read_text()[-2000:]}")
        time.sleep(0.05)


def ended_cpu_s() -> float:
    """Return the CPU time of all servers that have been ended."""
    return sum(_ended_cpu_s)


def _end(server: Server) -> None:
    _ended_cpu_s.append(server.cpu_s())
    for process in reversed(server.processes):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)  # only this server is in the session
        process.wait(10)
