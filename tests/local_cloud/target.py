"""Start a target for the load balancer whose answers a test can hold back."""

import contextlib
import http.server
import threading
from dataclasses import dataclass, field

import simple_websocket


@dataclass
class Target:
    """A server that answers with its own port, and holds an answer back until it is let go.

    `/pieces` is a stream whose second piece is held back. A WebSocket of `/socket` gets back what it
    sends, until that is `end`.
    """

    asked: threading.Event = field(default_factory=threading.Event)
    let_go: threading.Event = field(default_factory=threading.Event)
    headers: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        target = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                target.headers = {name.lower(): value for name, value in self.headers.items()}
                target.asked.set()
                if self.path.startswith("/socket"):
                    self._echo()
                    return
                if self.path == "/pieces":
                    self.wfile.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nfirst\r\n")
                    target.let_go.wait(20)
                    self.wfile.write(b"4\r\nlast\r\n0\r\n\r\n")
                    return
                if self.path == "/held":
                    target.let_go.wait(20)
                self.send_response(200)
                self.end_headers()
                self.wfile.write(str(target.port).encode())

            def _echo(self) -> None:
                environ: dict[str, object] = {"werkzeug.socket": self.connection}
                for name, value in self.headers.items():
                    environ[f"HTTP_{name.upper().replace('-', '_')}"] = value
                socket = simple_websocket.Server(environ, subprotocols="b")
                with contextlib.suppress(simple_websocket.ConnectionClosed):
                    while (message := socket.receive()) != "end":
                        socket.send(message)
                    socket.close(4000, "as asked")

            def log_request(self, code: object = "-", size: object = "-") -> None:
                """Suppress the log line of a request."""

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self._server.server_port
        self._thread = threading.Thread(target=self._server.serve_forever)
        self._thread.start()

    def close(self) -> None:
        """End the server."""
        self.let_go.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
