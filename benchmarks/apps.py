"""Define the apps under load: bare Flask for every server, and the same routes under the kit for ours."""

import os
import threading
import time
from collections.abc import Iterable
from typing import TYPE_CHECKING

from flask import Flask, request

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


def _routes(app: Flask) -> Flask:
    @app.get("/work")
    def work() -> str:
        """Burn `cpu_ms` of this thread's CPU time, then sleep `sleep_ms`, as if waiting for a backend."""
        ends_at = time.thread_time() + float(request.args.get("cpu_ms", 0)) / 1000
        while time.thread_time() < ends_at:
            sum(range(100))
        time.sleep(float(request.args.get("sleep_ms", 0)) / 1000)
        return "done"

    @app.post("/upload")
    def upload() -> dict[str, int]:
        return {"bytes": len(request.get_data())}

    return app


def bare() -> Flask:
    """Make an app of Flask alone, with the routes that every benchmark asks."""
    app = _routes(Flask(__name__))
    app.add_url_rule("/healthz", "healthz", lambda: "ok")
    return app


class Limited:
    """A WSGI layer that lets in at most LIMIT requests at once and answers the others with 503."""

    def __init__(self, app: "WSGIApplication") -> None:
        self._app = app
        self._free = threading.Semaphore(int(os.environ["LIMIT"]))

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Serve one request; health checks are always let in."""
        if environ["PATH_INFO"] == "/healthz":
            return self._app(environ, start_response)
        if not self._free.acquire(blocking=False):
            start_response("503 Service Unavailable", [("Retry-After", "1"), ("Content-Length", "0")])
            return []
        try:
            return list(self._app(environ, start_response))
        finally:
            self._free.release()


def limited() -> Limited:
    """Make the bare Flask app with the WSGI layer that limits it in front."""
    return Limited(bare())


def kit() -> Flask:
    """Make the service's app as it ships, with the routes of the benchmarks added."""
    from service import create_app  # noqa: PLC0415 (reads the environment)

    return _routes(create_app())


def wsgi(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
    """Answer without any framework, which shows the most that a server can do for an app."""
    del environ
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", "4")])
    return [b"done"]


def dev_server() -> None:
    """Start the bare app in the development server, as `flask run` does."""
    bare().run(host="127.0.0.1", port=int(os.environ["PORT"]), threaded=True, debug=False)


if __name__ == "__main__":
    dev_server()
