"""Make Gunicorn's threaded worker fit for overload, slow clients and load balancers that lag.

The main loop collects each request before a thread sees it, admits as many as can be answered soon, and
goes on accepting for a while after SIGTERM. Over TLS, which only a thread can read, it only counts requests.
"""

import errno
import os
import resource
import socket
import sys
import time
from concurrent.futures import Future
from functools import partial
from selectors import EVENT_READ
from types import FrameType

from gunicorn.http import Request
from gunicorn.http.errors import InvalidChunkSize
from gunicorn.workers.gthread import (  # type: ignore[attr-defined] # the types are of Gunicorn 26
    STOP_KEEPALIVE_LINGER,
    TConn,
    ThreadWorker,
)

from service.kit import ServerSettings, load, slots
from service.server import quick_answers
from service.server.connection import Connection
from service.server.incoming import Incoming
from service.server.lingering import Lingering
from service.server.request_target import check_host

# Requests that may wait for each thread. More of them would be answered later than clients wait.
WAITING_PER_THREAD = 2
# When all threads compute, the main loop waits one interval for each of them to get Python's lock: at the
# usual 5 ms, health checks and refusals would be seconds late.
BUSY_SWITCH_S = 0.0001
_INCOMPLETE = object()
_NOBODY_THERE = {errno.EAGAIN, errno.EWOULDBLOCK, errno.ECONNABORTED}


class Worker(ThreadWorker):
    """A worker as described above; tests/service/test_worker.py pins the parts of Gunicorn that it uses."""

    alive: bool

    def init_process(self) -> None:
        """Serve until the worker ends; Gunicorn calls this in the worker's own process."""
        settings = load(ServerSettings)
        self._lame_duck_s = settings.lame_duck_s
        self._health_request = quick_answers.health_request(settings.health_path)
        self._new_request = partial(Incoming, max_body_bytes=settings.max_content_length_bytes)
        self._receiving: set[Connection] = set()
        self._leave_at = self._look_at = 0.0
        self._told_shed = 0
        self._progress = False
        slots.total = self.cfg.threads
        self._switch_s = sys.getswitchinterval()
        self._most = self.cfg.threads * (1 + WAITING_PER_THREAD)
        # Each connection is an open file; above the limit, the process would end.
        _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        super().init_process()

    def run(self) -> None:
        """Run the main loop until the worker ends."""
        self._lingering = Lingering(self.poller, closed=self._count_closed)
        super().run()

    # --- receive ---------------------------------------------------------------------------------

    def accept(self, listener: socket.socket) -> None:
        """Take a new connection and wait for its request without a thread."""
        try:
            sock, address = listener.accept()
        except OSError as error:
            if error.errno not in _NOBODY_THERE:
                raise
            return
        self.nr_conns += 1
        conn = Connection(self.cfg, sock, address, listener.getsockname())
        if self.cfg.is_ssl:
            self.enqueue_req(conn)
        else:
            self._receive(conn)

    def on_client_socket_readable(self, conn: Connection, client: socket.socket) -> None:  # type: ignore[override] # accept() makes no other connections
        """Begin to receive the next request of a connection that was kept open."""
        if self.cfg.is_ssl:
            super().on_client_socket_readable(conn, client)
            return
        self.keepalived_conns.remove(conn)
        self._begin(conn)
        # This makes no system call, because the poller waits for the same event as before.
        self.poller.modify(client, EVENT_READ, partial(self._on_readable, conn))
        self._on_readable(conn, client)

    def _receive(self, conn: Connection) -> None:
        self._begin(conn)
        self.poller.register(conn.sock, EVENT_READ, partial(self._on_readable, conn))

    def _begin(self, conn: Connection) -> None:
        conn.incoming = self._new_request()
        conn.set_timeout()
        self._receiving.add(conn)

    def _on_readable(self, conn: Connection, client: socket.socket) -> None:
        if not conn.incoming.began and slots.admitted < slots.total:
            # A thread reads the bytes that are there, mostly the whole request: a read in this loop may have
            # to wait for Python's lock, a third of a small request's CPU time.
            self._leave_poller(conn)
            self.enqueue_req(conn)
            return
        try:
            data = client.recv(65536)
        except BlockingIOError:
            return
        except OSError:
            self._drop(conn)  # a reset: the client has gone
            return
        if data:
            self._take(conn, data)
        elif not conn.incoming.began:
            self._drop(conn)
        elif slots.admitted < slots.total:
            conn.incoming.cut_short = True
            self._admit(conn)  # the app answers 400 and logs the request
        else:
            # Slow clients that give up together must not take the slots of other clients.
            self._leave_poller(conn)
            self._answer(conn, quick_answers.CUT_SHORT, keep=False)

    def _take(self, conn: Connection, data: bytes) -> None:
        incoming, asked = conn.incoming, conn.incoming.waits_for_continue
        incoming.feed(data)
        if incoming.whole:
            self._admit(conn)
        elif incoming.waits_for_continue and not asked:
            self._send(conn, b"HTTP/1.1 100 Continue\r\n\r\n")

    def murder_pending(self) -> None:
        """End connections that are silent or too slow; the loop calls this, and it acts once a second."""
        now = time.monotonic()
        if now < self._look_at:
            return
        self._look_at = now + 1
        for conn in [conn for conn in self._receiving if conn.incoming.late(now)]:
            self._leave_poller(conn)
            self._answer(conn, quick_answers.TOO_SLOW, keep=False)
        linger_s = 0 if self.alive else self.cfg.keepalive - STOP_KEEPALIVE_LINGER
        for conn in [conn for conn in self._receiving if not conn.incoming.began]:
            if conn.timeout and now > conn.timeout - linger_s:
                self._drop(conn)
        self._lingering.look(now, stopping=not self.alive)
        self._tell()
        super().murder_pending()

    # --- admit -----------------------------------------------------------------------------------

    def _admit(self, conn: Connection) -> None:
        self._leave_poller(conn)
        if slots.admitted < slots.total:
            self.enqueue_req(conn)
        elif conn.incoming.head.startswith(self._health_request):
            # A busy worker is healthy; a worker whose threads all hang is found by notify().
            self._answer(conn, quick_answers.HEALTHY, keep=conn.incoming.keeps_alive)
        elif slots.admitted < self._most:
            self.enqueue_req(conn)
        else:
            slots.shed += 1
            self._answer(conn, quick_answers.OVERLOADED, keep=conn.incoming.keeps_alive)

    def enqueue_req(self, conn: TConn) -> None:
        """Give a request to the threads."""
        slots.admitted += 1
        if slots.admitted == 2 * slots.total:
            sys.setswitchinterval(BUSY_SWITCH_S)
        super().enqueue_req(conn)

    def handle(self, conn: Connection) -> bool | object:  # type: ignore[override] # the same
        """Serve a request; in a thread."""
        if self.cfg.is_ssl:
            return super().handle(conn)
        if not conn.incoming.began and not conn.read_first():
            return False
        if not conn.incoming.whole and not conn.incoming.cut_short:
            return _INCOMPLETE
        conn.hand_over()
        return super().handle(conn)

    def handle_request(self, req: Request, conn: Connection) -> bool:  # type: ignore[override] # the same
        """Serve a request that has been parsed; in a thread."""
        check_host(req)
        if not self.cfg.is_ssl and not conn.incoming.ended:
            if conn.incoming.broken:
                raise InvalidChunkSize(b"")
            req.force_close()  # the next bytes may belong to this request
        return super().handle_request(req, conn)

    def _keepalive_after(self, conn: Connection, keepalive: object) -> bool:
        # Gunicorn reads up to 64 KiB that the app has left, and then closes the connection although its
        # answer said keep-alive: a load balancer that uses the connection again answers its next visitor 502.
        if keepalive and not self.cfg.is_ssl and conn.drop_body():
            return True
        return bool(super()._keepalive_after(conn, keepalive))  # type: ignore[misc] # the types are of Gunicorn 26

    def finish_request(self, conn: Connection, fs: Future[bool]) -> None:  # type: ignore[override] # the same
        """Free the slot and keep or end the connection; called in the main loop when a thread is done."""
        slots.admitted -= 1
        self._progress = True
        if slots.admitted == slots.total - 1:
            sys.setswitchinterval(self._switch_s)
        if not fs.cancelled() and not fs.exception() and fs.result() is _INCOMPLETE:
            self._receiving.add(conn)
            self.poller.register(conn.sock, EVENT_READ, partial(self._on_readable, conn))
            if conn.incoming.waits_for_continue:
                self._send(conn, b"HTTP/1.1 100 Continue\r\n\r\n")
            return
        if not self._can_go_on(conn, fs):
            self._end(conn)
            return
        super().finish_request(conn, fs)
        if self.cfg.is_ssl:
            return
        conn.incoming.close()
        if (rest := conn.incoming.rest) and conn in self.keepalived_conns:
            self.keepalived_conns.remove(conn)
            self.poller.unregister(conn.sock)
            self._receive(conn)
            self._take(conn, rest)

    def _can_go_on(self, conn: Connection, fs: Future[bool]) -> bool:
        if fs.cancelled() or fs.exception() or not fs.result():
            return False
        # Left-over bytes in the parser mean that it and Incoming disagree on where the request ended.
        return bool(self.cfg.is_ssl or not conn.parser or not conn.http_parser.unreader.buf.getvalue())

    def _tell(self) -> None:
        if slots.shed > self._told_shed:
            self.log.warning(
                "Overloaded: %d requests were answered 503 in the last second", slots.shed - self._told_shed
            )
            self._told_shed = slots.shed

    # --- answer without a thread -----------------------------------------------------------------

    def _leave_poller(self, conn: Connection) -> None:
        self._receiving.discard(conn)
        self.poller.unregister(conn.sock)

    def _drop(self, conn: Connection) -> None:
        self._leave_poller(conn)
        conn.incoming.close()
        self.nr_conns -= 1
        conn.close()

    def _send(self, conn: Connection, answer: bytes) -> bool:
        try:
            return bool(conn.sock.send(answer) == len(answer))
        except OSError:
            return False

    def _answer(self, conn: Connection, answer: bytes, *, keep: bool) -> None:
        keep = keep and self.alive
        if self._send(conn, answer if keep else quick_answers.last(answer)) and keep:
            conn.incoming.close()
            conn.set_timeout()
            self.keepalived_conns.append(conn)
            self.poller.register(conn.sock, EVENT_READ, partial(self.on_client_socket_readable, conn))
        else:
            self._end(conn)

    def _end(self, conn: Connection) -> None:
        if not self.cfg.is_ssl:
            conn.incoming.close()
        self._lingering.add(conn)

    def _count_closed(self) -> None:
        self.nr_conns -= 1

    # --- end -------------------------------------------------------------------------------------

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:  # noqa: ARG002 (Gunicorn's signature)
        """Serve on for LAME_DUCK_S while /readyz answers 503, then finish and leave; for SIGTERM."""
        if not slots.stopping:
            slots.stopping = True
            self._leave_at = time.monotonic() + self._lame_duck_s
            self.method_queue.defer(lambda: None)  # wakes the loop

    def handle_quit(self, sig: int, frame: FrameType | None) -> None:  # noqa: ARG002 (Gunicorn's signature)
        """Leave at once, for SIGQUIT; Gunicorn's own handler takes a lock that the main loop may hold."""
        os._exit(0)

    def wait_for_and_dispatch_events(self, timeout: float | None) -> None:
        """Run one turn of the loop."""
        if self._leave_at and self.alive:
            remaining_s = self._leave_at - time.monotonic()
            self.alive = remaining_s > 0
            timeout = max(0.0, remaining_s if timeout is None else min(timeout, remaining_s))
        super().wait_for_and_dispatch_events(timeout)

    def notify(self) -> None:
        """Tell the master that this worker lives, unless every thread hangs: then the master replaces it."""
        if self._progress or slots.admitted < slots.total:
            self._progress = False
            super().notify()
