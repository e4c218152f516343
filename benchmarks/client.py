"""Send HTTP requests by the clock, however slowly the server answers (an open loop)."""

import asyncio
import time
from dataclasses import dataclass, field
from typing import cast

GIVE_UP_S = 10.0
# The service and its proxies ask the clients they refuse to wait this long (Retry-After).
RETRY_AFTER_S = 1.0


@dataclass
class Answers:
    """The answers of a run by status; latencies are in seconds, counted from when a request was due."""

    by_status: dict[int, list[float]] = field(
        default_factory=dict
    )  # status 0: no answer within GIVE_UP_S, or a broken one
    seconds: float = 0.0

    def add(self, status: int, latency_s: float) -> None:
        """Count one answer."""
        self.by_status.setdefault(status, []).append(latency_s)

    def good(self, within_s: float = 1.0) -> int:
        """Count the answers that were 200 and came in time."""
        return sum(latency <= within_s for latency in self.by_status.get(200, []))

    def count(self, status: int) -> int:
        """Count the answers that had this status."""
        return len(self.by_status.get(status, []))

    def percentile_ms(self, percent: float, status: int = 200) -> float | None:
        """Return the latency that so many percent of the answers with a status did not exceed."""
        ordered = sorted(self.by_status.get(status, []))
        if not ordered:
            return None
        return round(ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100))] * 1000, 1)


class Connection(asyncio.Protocol):
    """One connection that serves one request after the other."""

    def __init__(self) -> None:
        self.answer: asyncio.Future[int] | None = None
        self.closed = False
        self._received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport that asyncio has connected."""
        self.transport = cast("asyncio.Transport", transport)

    def connection_lost(self, _exc: Exception | None) -> None:
        """Count a request that is still waiting as not answered, as its connection has ended."""
        self.closed = True
        self._finish(0)

    def data_received(self, data: bytes) -> None:
        """Collect the bytes of an answer, and report its status once it is complete."""
        self._received += data
        head, end, body = self._received.partition(b"\r\n\r\n")
        if not end:
            return
        lowered = head.lower()
        _, found, value = lowered.partition(b"content-length:")
        length = int(value.split(b"\r\n", 1)[0]) if found else 0
        chunked = b"transfer-encoding: chunked" in lowered
        if len(body) >= length and (not chunked or body.endswith(b"0\r\n\r\n")):
            self._received = b""
            self.closed = self.closed or b"connection: close" in lowered or head.startswith(b"HTTP/1.0")
            self._finish(int(head[9:12]))

    def _finish(self, status: int) -> None:
        if self.answer and not self.answer.done():
            self.answer.set_result(status)


class Client:
    """A client that keeps its connections to one port alive and uses them again."""

    def __init__(self, port: int, *, reuse: bool = True) -> None:
        self._port, self._reuse = port, reuse
        self._idle: list[Connection] = []

    async def ask(self, request: bytes, answers: Answers, due: float) -> int:
        """Send a request, record its answer, and return the status."""
        status, connection = 0, None
        try:
            async with asyncio.timeout(GIVE_UP_S):
                connection = await self._connection()
                connection.answer = asyncio.get_running_loop().create_future()
                connection.transport.write(request)
                status = await connection.answer
        except (OSError, TimeoutError):
            status = 0
        answers.add(status, time.monotonic() - due)
        if connection and (not status or not self._reuse or connection.closed):
            connection.transport.abort()
        elif connection:
            self._idle.append(connection)
        return status

    async def _connection(self) -> Connection:
        while self._idle:
            connection = self._idle.pop()
            if not connection.closed:
                return connection
        loop = asyncio.get_running_loop()
        return (await loop.create_connection(Connection, "127.0.0.1", self._port))[1]

    def close(self) -> None:
        """Close the idle connections."""
        for connection in self._idle:
            connection.transport.abort()
        self._idle.clear()


def get(path: str) -> bytes:
    """Return the bytes of a GET request for a path."""
    return f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: */*\r\n\r\n".encode()


async def open_loop(client: Client, request: bytes, *, per_s: float, seconds: float) -> Answers:
    """Start `per_s` requests a second even if earlier ones have no answer yet; wait for the last answer."""
    answers, tasks = Answers(seconds=seconds), []
    began = time.monotonic()
    for number in range(int(per_s * seconds)):
        due = began + number / per_s
        # Also when it is late: answers must be read meanwhile, or the client's own delay would count.
        await asyncio.sleep(max(0.0, due - time.monotonic()))
        tasks.append(asyncio.create_task(client.ask(request, answers, due)))
    await asyncio.gather(*tasks)
    return answers


async def closed_loop(client: Client, request: bytes, *, at_once: int, seconds: float) -> Answers:
    """Keep `at_once` requests in flight to measure capacity; a client that gets 503 obeys Retry-After."""
    answers, ends_at = Answers(seconds=seconds), time.monotonic() + seconds

    async def one() -> None:
        while (now := time.monotonic()) < ends_at:
            if await client.ask(request, answers, now) == 503:
                await asyncio.sleep(RETRY_AFTER_S)

    await asyncio.gather(*(one() for _ in range(at_once)))
    return answers
