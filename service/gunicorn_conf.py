"""Configure Gunicorn; values that depend on the deployment come from environment variables."""

import gc
import os
import runpy
import socket
import sys
from pathlib import Path

from gunicorn.arbiter import Arbiter
from gunicorn.workers.base import Worker

from service.kit import ServerSettings, load

_settings = load(ServerSettings)
# The team's settings are checked before a worker starts, too. Their file is run by itself, because an import
# would run the code of the team's package before the fork.
load(runpy.run_path(str(Path(__file__).parent / "app" / "settings.py"))["Settings"])

wsgi_app = "service:create_app()"
_host, _port = _settings.host, _settings.port
bind = f"[{_host}]:{_port}" if _host.version == 6 else f"{_host}:{_port}"

# A threaded worker, because a `sync` worker fails the health check while it is busy. The kit's worker adds
# protection against overload, threads for streams and a slow end.
worker_class = "service.server.worker.Worker"
workers = _settings.gunicorn_workers
threads = _settings.gunicorn_threads

# Each request comes on a connection of its own: the worker that has room takes it. Kept connections would
# belong to one worker each, and the proxy could write to one that was just closed.
keepalive = 0
# A worker silent for this long is replaced. The kit's is silent when all its threads hang: server/worker.py.
timeout = _settings.gunicorn_timeout_s
# Shorter than ECS's stop timeout, or SIGKILL cuts the last requests. Serving on after SIGTERM comes first.
graceful_timeout = _settings.lame_duck_s + _settings.gunicorn_graceful_timeout_s
# The proxy sends far less at once.
worker_connections = 4000

# Off, because a database pool opened before the fork would be shared by the workers and corrupted. On, with
# gc.freeze before the fork, two workers would need 50 MiB instead of 80: docs/lifecycle.md.
preload_app = False
# Off: restarts raise the 99th percentile from 23 ms to 1.1 s. Try 20000 for a leak that cannot be fixed now.
max_requests = 0

# Memory, because a heartbeat file on disk can block (Gunicorn FAQ). macOS has no such folder: the default.
worker_tmp_dir = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # noqa: S108 (memory)
# The socket is a file under $HOME, which cannot be written where the root is read-only.
control_socket_disable = True

# Gunicorn believes no header; the kit alone does, for the exact number of proxies. Otherwise a client could
# move the app's root (SCRIPT_NAME) or choose its scheme (X-Forwarded-Ssl, which an ALB does not remove).
forwarder_headers = ""
secure_scheme_headers: dict[str, str] = {}
# Above the limits of the proxy, which are above the load balancer's: infra/parameters/sizes.py. For the
# line of a request Gunicorn knows no number above 8190, but no limit at all.
limit_request_line = 0
limit_request_field_size = _settings.gunicorn_header_line_bytes
limit_request_fields = 1000
# "auto" would take an older, laxer C parser if one happens to be installed.
http_parser = "python"

logger_class = "service.kit.logs.GunicornLogger"
loglevel = _settings.log_level
accesslog = None  # the app writes a better line, see service/kit/access_log.py


def post_fork(_server: Arbiter, _worker: Worker) -> None:
    """Make log lines of whatever the app writes, from its first import on."""
    from service.kit import logs

    logs.guard()


def post_worker_init(worker: Worker) -> None:
    """Begin to report metrics, and exempt everything loaded so far from garbage collection."""
    from flask import Flask

    from service.kit import config, logs, metrics, static_files

    if isinstance(worker.wsgi, Flask):
        told = config.told(worker.wsgi) + logs.adopt(worker.wsgi)
        if told and worker.age == 1:
            worker.log.info("At the start: %s.", "; ".join(told))
    # Gunicorn numbers workers as it starts them: a number above the first set means a replacement.
    metrics.start(worker.wsgi, restarted=worker.age > workers)
    static_files.publish(worker.wsgi, _settings.shared_folder)
    # Each full collection of these objects would stop all threads.
    gc.collect()
    gc.freeze()


def worker_exit(_server: Arbiter, worker: Worker) -> None:
    """Write the last metrics; a worker that is killed does not get here."""
    from service.kit import metrics

    if hasattr(worker, "wsgi"):  # not if the app did not start
        metrics.stop(worker.wsgi)


def child_exit(_server: Arbiter, worker: Worker) -> None:
    """Forget what a worker has left: its room for requests, and its gauges for Prometheus."""
    from service.server.worker import forget

    forget(worker)
    if _settings.prometheus_token:
        from service.kit import prometheus

        prometheus.forget(int(worker.pid))


def on_exit(_server: Arbiter) -> None:
    """Remove the files of Prometheus."""
    if _settings.prometheus_token:
        from service.kit import prometheus

        prometheus.remove_folder()


def on_starting(_server: Arbiter) -> None:
    """Stop at once when the port is taken; Gunicorn would repeat the same error for five seconds."""
    family = socket.AF_INET6 if _host.version == 6 else socket.AF_INET
    try:
        socket.create_server((str(_host), _port), family=family).close()
    except OSError as error:
        sys.exit(f"service cannot start: HOST={_host} PORT={_port} cannot be listened on: {error}")
    if _settings.prometheus_token:
        from service.kit import prometheus

        prometheus.make_folder()
