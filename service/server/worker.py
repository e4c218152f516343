"""Make Gunicorn's threaded worker refuse by waiting time, tell streams to end, and name what it takes along.

It stands behind a proxy that buffers requests and answers, and serves one request per connection: so each
request goes to the worker that has room for it, and no connection is closed while the proxy writes to it.
"""

import os
import socket
import struct
import sys
import time
import traceback
from collections.abc import Iterable
from math import inf
from mmap import mmap
from types import FrameType
from typing import Any, cast

from gunicorn import util
from gunicorn.config import Config
from gunicorn.http.errors import ExpectationFailed, LimitRequestHeaders, LimitRequestLine, ParseException
from gunicorn.workers.base import Worker as BaseWorker
from gunicorn.workers.gthread import ThreadWorker

from service.kit import ServerSettings, load, slots, stop
from service.server import admission
from service.server.connection import Connection
from service.server.threads import Threads

# What each worker has, a byte for each. All workers share it, as Gunicorn's master makes it.
_STATES = mmap(-1, 256)
GONE, ROOM, BUSY = b"\0", b"\1", b"\2"  # ROOM is a free thread
# A worker without a free thread leaves new connections to those that have one, for so long at most.
LEAVE_S = 0.1
ENDING_S = 0.05
STEP_S = 0.0002
BATCH = 32
# How many new connections a worker with a free thread takes in a moment; of more, each takes its part.
FEW = 4
# To accept gives Python's lock away each time: the main loop waits so long for each thread that computes. The
# usual 5 ms would keep a crowd waiting; less all the time costs the requests a sixth of their speed.
CROWD_SWITCH_S = 0.00005
# How often streams and requests that wait are looked at while any request is being served.
LOOK_S = 0.05
FIRST_BYTE_S = 5
# How long a turn of the main loop takes at most while requests wait.
CROWDED_S = 0.01
NOTIFY_S = 0.5
# Linux tells so how many connections of a listening socket wait to be accepted: tcpi_unacked, after eight
# bytes and four numbers (include/uapi/linux/tcp.h; net/ipv4/tcp.c, tcp_get_info).
ACCEPT_QUEUE = struct.Struct("=24xI")
# And of a connection, after eleven, for how many ms it has got nothing: tcpi_last_data_recv.
LAST_RECEIVED = struct.Struct("=52xI")
# What Gunicorn's parser says without a code of its own.
STATUSES = {LimitRequestLine: 414, LimitRequestHeaders: 431, ExpectationFailed: 417}


def forget(worker: BaseWorker) -> None:
    """Note that a worker has ended; for Gunicorn's master."""
    _note(worker, GONE)
    admission.forget(worker.age)


def _note(worker: BaseWorker, state: bytes) -> None:
    _STATES[worker.age % len(_STATES)] = state[0]


def _waited_s(sock: socket.socket) -> float:
    """Return how long ago the request came: it may have waited to be accepted."""
    if not hasattr(socket, "TCP_INFO"):
        return 0
    info = sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, LAST_RECEIVED.size)
    return float(LAST_RECEIVED.unpack(info)[0]) / 1000


class Settled:
    """Gunicorn's configuration, each value looked up once: its own look-ups cost 35 us of each request."""

    def __init__(self, cfg: Config) -> None:
        self._cfg = cfg

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._cfg, name)
        setattr(self, name, value)
        return value


class Worker(ThreadWorker):
    """A worker as described above; tests/service/test_worker.py pins the parts of Gunicorn that it uses."""

    alive: bool
    tpool: Threads  # type: ignore[assignment] # in place of ThreadPoolExecutor, with what Gunicorn asks of it

    def init_process(self) -> None:
        """Serve until the worker ends; Gunicorn calls this in the worker's own process."""
        self._settings = settings = load(ServerSettings)
        self._stop_file = settings.shared_folder and settings.shared_folder / "stopping"
        self._admission = admission.Admission(
            self.age,
            folder=settings.shared_folder,
            queue_s=settings.gunicorn_queue_s,
        )
        self._health = tuple(f"{method} {settings.health_path} ".encode() for method in ("GET", "HEAD"))
        self._switch_s = sys.getswitchinterval()
        self._leave_at = self._look_at = self._notify_at = self._step_at = 0.0
        self._last_words_at = inf
        self.cfg = cast(Config, Settled(self.cfg))
        self._addresses = {listener: listener.getsockname() for listener in self.sockets}
        for listener in self.sockets:
            if hasattr(socket, "TCP_DEFER_ACCEPT"):  # Linux: a connection without a byte takes no thread
                listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_DEFER_ACCEPT, FIRST_BYTE_S)
        super().init_process()

    def get_thread_pool(self) -> Threads:  # type: ignore[override] # the same
        """Make the threads."""
        return Threads(
            self._serve,
            freed=self._room,
            count=self._settings.gunicorn_threads,
            queue_s=self._settings.gunicorn_queue_s,
            most_streams=self._settings.gunicorn_streams,
        )

    # --- in the main loop ------------------------------------------------------------------------

    def accept(self, listener: socket.socket) -> None:
        """Give new connections to the threads."""
        came_at = time.monotonic()
        while not (free := self._room()) and time.monotonic() < came_at + self._patience_s():
            self._step_back()
        if not free:
            sys.setswitchinterval(CROWD_SWITCH_S)
        for _ in range(1 if free else BATCH):
            try:
                sock, address = listener.accept()
            except OSError:  # another worker was faster, the client has gone, or no file is left
                break
            conn = Connection(self.cfg, sock, address, self._addresses[listener])
            if not free and conn.peek().startswith(self._health):
                self.tpool.serve(conn)
            else:
                self.tpool.add(conn, waited_s=0 if free else _waited_s(sock))
        sys.setswitchinterval(self._switch_s)

    def _patience_s(self) -> float:
        """Return for how long a worker without a free thread leaves a connection to the others."""
        if self._unaccepted() > FEW:
            return 0
        if _STATES.find(ROOM) >= 0:
            return LEAVE_S
        return (
            0 if self.tpool.waiting or self._settings.gunicorn_workers == 1 else ENDING_S
        )  # another may be about to end a request

    def _room(self) -> bool:
        free = self.tpool.free > 0
        _note(self, ROOM if free else BUSY)
        return free

    def _step_back(self) -> None:
        """Let a worker that has room accept, and see how long Python's lock takes to get."""
        asleep_at = time.monotonic()
        time.sleep(STEP_S)
        self.tpool.adapt(late_s=time.monotonic() - asleep_at - STEP_S)

    def _unaccepted(self) -> int:
        """Return this worker's share of the connections that nobody has accepted yet."""
        if not hasattr(socket, "TCP_INFO"):
            return 0
        info = (
            each.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, ACCEPT_QUEUE.size) for each in self.sockets
        )
        waiting: int = sum(ACCEPT_QUEUE.unpack(each)[0] for each in info)
        return waiting // self._settings.gunicorn_workers

    def wait_for_and_dispatch_events(self, timeout: float | None) -> None:
        """Run one turn of the loop."""
        timeout = timeout or 0.0
        now = time.monotonic()
        if self._leave_at and self.alive:
            self.alive = now < self._leave_at
            timeout = min(timeout, max(0.0, self._leave_at - now))
        if now > self._last_words_at:
            self._last_words_at = inf
            self._name_requests("This request has not ended in time, and ends with the worker")
        if now > self._look_at:
            self._look_at = now + (CROWDED_S if self.tpool.waiting else LOOK_S)
            unaccepted = self._unaccepted()
            self.tpool.look(now, unaccepted=unaccepted, flood=self._admission.is_flood(now))
            opened = self.tpool.open + unaccepted - self.tpool.late(now)
            served = self.tpool.ended - self.tpool.refused
            self._admission.look(now, threads=slots.total, ended=served, opened=opened, waiting=slots.waiting)
            if self._stop_file and not slots.stopping and self._stop_file.exists():
                stop()
        if self.tpool.waiting:
            timeout = min(timeout, CROWDED_S)
            if now > self._step_at:
                self._step_at = now + CROWDED_S
                self._step_back()
        elif self.tpool.open:
            timeout = min(timeout, LOOK_S)
        self._room()
        super().wait_for_and_dispatch_events(timeout)
        self.nr_conns = self.tpool.open

    def notify(self) -> None:
        """Tell the master that this worker lives, unless every thread hangs: then the master replaces it."""
        now = time.monotonic()
        if now > self._notify_at and self.tpool.moves():
            self._notify_at = now + NOTIFY_S
            super().notify()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:  # noqa: ARG002 (Gunicorn's signature)
        """Serve on for LAME_DUCK_S while /readyz answers 503, then finish and leave; for SIGTERM."""
        if not self._leave_at:
            self._leave_at = time.monotonic() + self._settings.lame_duck_s
            # Just before Gunicorn's master loses its patience.
            self._last_words_at = time.monotonic() + self.cfg.graceful_timeout - NOTIFY_S
            self.method_queue.defer(stop)  # which wakes the loop, too

    def handle_quit(self, sig: int, frame: FrameType | None) -> None:  # noqa: ARG002 (Gunicorn's signature)
        """Leave at once, for SIGQUIT; Gunicorn's own handler takes a lock that the main loop may hold."""
        os._exit(0)

    def handle_abort(self, sig: int, frame: FrameType | None) -> None:
        """Name the requests that hang; Gunicorn's master sends SIGABRT to a silent worker."""
        self._name_requests("This request hangs, and ends with the worker")
        super().handle_abort(sig, frame)

    def _name_requests(self, message: str) -> None:
        stacks = sys._current_frames()  # noqa: SLF001 (documented, in spite of its name)
        for slot in slots.all:
            if exchange := slot.exchange:
                stack = "".join(traceback.format_stack(stacks.get(slot.thread)))
                self.log.error(message, extra={**exchange.names(), "stack": stack})

    # --- in a thread -----------------------------------------------------------------------------

    def _serve(self, conn: Connection) -> None:
        drained = False
        try:
            self.handle(conn)
            # The proxy may lose the answer if the connection ends before it has written the whole body.
            drained = conn.drain()
        except Exception as error:  # noqa: BLE001 (the connection ends anyway, and its thread must not)
            self.log.debug("the connection has ended: %s", error)
        finally:
            conn.close(graceful=not drained)

    def handle_error(self, req: Any, client: socket.socket, addr: Any, exc: BaseException) -> None:
        """Let the kit answer, log and count what Gunicorn's parser refuses."""
        status = STATUSES.get(type(exc), 0) or getattr(exc, "code", 400)
        if not isinstance(exc, ParseException):
            self.log.exception("Gunicorn failed with a request")
            status = 500
        if slot := slots.mine():
            slot.refusal = (status, str(exc))
        environ = {
            "REQUEST_METHOD": getattr(req, "method", None) or "GET",
            "PATH_INFO": getattr(req, "path", None) or "",
            "REMOTE_ADDR": addr[0],
            "wsgi.url_scheme": "http",
        }
        head: list[str] = []

        def start(line: str, headers: Iterable[tuple[str, str]]) -> None:
            head.extend([f"HTTP/1.1 {line}", "Server: gunicorn", "Connection: close"])
            head.extend(f"{name}: {value}" for name, value in headers)

        answer = self.wsgi(environ, start)
        body = b"".join(answer)
        answer.close()  # type: ignore[attr-defined] # the kit's answers have it
        util.write(client, "\r\n".join([*head, "", ""]).encode("latin-1") + body)
