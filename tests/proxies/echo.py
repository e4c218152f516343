"""Answer every request with its own head, as the proxy has passed it on."""

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager

PUBLISHED = "/static/app.css"


class _Echo(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        head = b"".join(iter(self.rfile.readline, b"\r\n"))
        self.wfile.write(b"HTTP/1.1 200 OK\r\nServer: gunicorn\r\nConnection: close\r\n")
        self.wfile.write(b"Content-Type: text/x-head\r\nContent-Length: %d\r\n\r\n%b" % (len(head), head))


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, *_: object) -> None:
        """Say nothing: a proxy may leave as it likes."""


@contextmanager
def echo() -> Iterator[int]:
    """Listen on a free port, which is returned."""
    with _Server(("127.0.0.1", 0), _Echo) as server:
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        try:
            yield int(server.server_address[1])
        finally:
            server.shutdown()
