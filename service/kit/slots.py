"""Know what each thread of this worker process does; worker, metrics and the WSGI layer share it."""

import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from service.kit.exchange import Exchange

# Set when this process is about to end. A stream waits for it instead of sleeping: docs/streams.md.
stopping = threading.Event()
# Status and reason of a refusal.
OVERDUE = (503, "The service is busy. Try again in a second.")


class WebSocket(Protocol):
    """Declare what a slot calls of a WebSocket, whose module itself imports the slots."""

    accepted: bool

    def tell_to_go(self) -> None:
        """Tell the client that the service ends."""


@dataclass(eq=False)
class Slot:
    """One thread that serves requests, and its request. Its own thread writes it, all others only read it."""

    since: float | None = None  # when it took its request, from time.monotonic; None while it is idle
    busy_s: float = 0.0  # time spent with requests that have ended
    refusal: tuple[int, str] | None = None  # status and reason: the request is refused without asking the app
    exchange: "Exchange | None" = None
    websocket: WebSocket | None = None
    # A stream or a WebSocket: another thread has taken its place, and it leaves when it has ended.
    stream: bool = False
    thread: int = field(default_factory=threading.get_ident)


@dataclass
class Slots:
    """The threads of one worker process."""

    total: int = 0  # threads for requests; 0 where the app does not run under the kit's worker
    waiting: int = 0  # requests for which there is no thread yet
    most_streams: int = 0
    queue_s: float = 0.0
    all: list[Slot] = field(default_factory=list)
    left_s: float = 0.0  # the busy time of slots that have left
    _here: threading.local = field(default_factory=threading.local)

    def enter(self) -> Slot:
        """Make a slot for the current thread."""
        self._here.slot = slot = Slot()
        self.all.append(slot)
        return slot

    def leave(self, slot: Slot) -> None:
        """Forget the slot of a thread that ends."""
        self.left_s += slot.busy_s
        self.all.remove(slot)

    def mine(self) -> Slot | None:
        """Return the slot of the current thread; None in a test client, for example."""
        return getattr(self._here, "slot", None)

    @property
    def busy(self) -> int:
        """Return the threads that serve a request now, without streams."""
        return min(self.total, sum(slot.since is not None and not slot.stream for slot in self.all))

    @property
    def streams(self) -> int:
        """Return the WebSockets, and the streams that have a thread of their own."""
        return sum(slot.stream or slot.websocket is not None for slot in self.all[:])

    @property
    def stopping(self) -> bool:
        """Return whether this process is about to end, and balancers should send requests elsewhere."""
        return stopping.is_set()

    def busy_s(self) -> float:
        """Return the time that all threads have spent with requests so far, without streams."""
        now, total = time.monotonic(), self.left_s
        for slot in list(self.all):
            since = slot.since
            total += slot.busy_s + (now - since if since is not None and not slot.stream else 0.0)
        return total


slots = Slots()


def stop() -> None:
    """Tell streams, WebSockets and /readyz that this process is about to end."""
    if not stopping.is_set():
        stopping.set()
        for slot in slots.all[:]:
            if websocket := slot.websocket:
                websocket.tell_to_go()
