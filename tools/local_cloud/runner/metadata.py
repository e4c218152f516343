"""Serve the task metadata endpoint, version 4, as far as an app asks: which task, zone and cluster.

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-metadata-endpoint-v4-fargate.html
"""

import http.server
import json
import threading
from typing import Any


class Metadata:
    """A loopback server that knows each task's metadata."""

    def __init__(self) -> None:
        self._tasks: dict[str, dict[str, Any]] = {}
        tasks = self._tasks

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                _, version, task, container, *rest = [*self.path.split("/"), "", ""]
                known = tasks.get(task)
                if version != "v4" or known is None:
                    self.send_error(404)
                    return
                answer = known if rest[:1] == ["task"] else {"Name": container, "DockerName": container}
                body = json.dumps(answer).encode()
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_request(self, code: object = "-", size: object = "-") -> None:
                """Keep the runner's log for what the runner does."""

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def add(self, task: str, metadata: dict[str, Any]) -> str:
        """Publish a task's metadata; return the URI of its containers."""
        self._tasks[task] = metadata
        return f"http://127.0.0.1:{self._server.server_port}/v4/{task}"
