"""Gunicorn's settings; those that depend on the deployment come from environment variables."""

import gc
import os
import runpy
import socket
import sys
from pathlib import Path
from typing import Any

from service.kit import ServerSettings, load

_settings = load(ServerSettings)
# The app's settings are checked before a worker starts, too. Run as a file, because importing the app's
# package here would run its code before the fork.
load(runpy.run_path(str(Path(__file__).parent / "app" / "settings.py"))["Settings"])

wsgi_app = "service:create_app()"
_host, _port = _settings.host, _settings.port
bind = f"[{_host}]:{_port}" if _host.version == 6 else f"{_host}:{_port}"

if _settings.tls_to_tasks:
    from service.server import certificate

    certfile, keyfile = map(str, certificate.make())

# Threads, because a `sync` worker ignores keep-alive (random 502s behind a load balancer) and, while busy,
# fails the health check.
# Ours adds admission, buffering of slow clients and a lame duck.
worker_class = "service.server.worker.Worker"
workers = _settings.gunicorn_workers
threads = _settings.gunicorn_threads

# Must exceed the load balancer's idle timeout, or it sends a request on a connection that we just closed.
keepalive = _settings.gunicorn_keepalive_s
# A worker silent for this long is replaced. Ours is silent when all its threads hang: see server/worker.py.
timeout = _settings.gunicorn_timeout_s
# Must end before ECS's stop timeout, or SIGKILL cuts the last requests. The lame duck comes first.
graceful_timeout = _settings.lame_duck_s + _settings.gunicorn_graceful_timeout_s
# Idle ones cost a few KiB each; 1000, the default, are soon held by slow clients.
worker_connections = 4000

# Off: each worker opens its own connections; a pool opened before the fork would be shared and corrupted.
# With gc.freeze before the fork it would save 30 of 80 MiB with two workers: see docs/lifecycle.md.
preload_app = False
# Off: restarts raise the 99th percentile from 23 ms to 1.1 s. For a leak that cannot be fixed now: 20000.
max_requests = 0

# In memory, because a heartbeat file on disk can block (Gunicorn FAQ). None, the default folder, on macOS.
worker_tmp_dir = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # noqa: S108 (memory)
# It writes under $HOME, which a read-only root refuses.
control_socket_disable = True

# Gunicorn believes no header: ProxyFix alone does, with the exact number of proxies. Otherwise a client could
# move the app's root (SCRIPT_NAME) or choose its scheme (X-Forwarded-Ssl, which an ALB does not remove).
forwarder_headers = ""
secure_scheme_headers: dict[str, str] = {}
# "auto" takes an older, laxer C parser if one happens to be installed.
http_parser = "python"

logger_class = "service.kit.logs.GunicornLogger"
loglevel = _settings.log_level
accesslog = None  # the app writes a better line, see service/kit/access_log.py


def post_worker_init(worker: Any) -> None:
    """Begin to report what this worker does, and end the search for garbage in what the app has loaded."""
    from service.kit import metrics

    # Gunicorn numbers workers as it starts them: one above the first set takes another's place.
    metrics.start(worker.wsgi, restarted=worker.age > workers)
    # Each full collection would stop all threads.
    gc.collect()
    gc.freeze()


def worker_exit(_server: Any, worker: Any) -> None:
    """Write the last metrics; not reached by a worker that was killed."""
    from service.kit import metrics

    if hasattr(worker, "wsgi"):  # not if the app did not start
        metrics.stop(worker.wsgi)


def child_exit(_server: Any, worker: Any) -> None:
    """Drop what a worker that has ended left for Prometheus."""
    if _settings.prometheus_token:
        from service.kit import prometheus

        prometheus.forget(worker)


def on_exit(_server: Any) -> None:
    """Leave no files behind."""
    if _settings.prometheus_token:
        from service.kit import prometheus

        prometheus.remove_folder()


def on_starting(_server: Any) -> None:
    """Stop at once when the port is taken, where Gunicorn would log the same error for five seconds."""
    family = socket.AF_INET6 if _host.version == 6 else socket.AF_INET
    try:
        socket.create_server((str(_host), _port), family=family).close()
    except OSError as error:
        sys.exit(f"service cannot start: HOST={_host} PORT={_port} cannot be listened on: {error}")
    if _settings.prometheus_token:
        from service.kit import prometheus

        prometheus.make_folder()
