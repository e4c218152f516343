"""An open-loop HTTP client: requests start by the clock, however slowly the server answers."""

import asyncio
import time
from dataclasses import dataclass, field
from typing import cast

GIVE_UP_S = 10.0
# What the service and its proxies ask of those whom they refuse.
RETRY_AFTER_S = 1.0


@dataclass
class Answers:
    """What came back; latencies in seconds, counted from when a request was due."""

    by_status: dict[int, list[float]] = field(
        default_factory=dict
    )  # 0: none within GIVE_UP_S, or a broken one
    seconds: float = 0.0

    def add(self, status: int, latency_s: float) -> None:
        """Count one answer."""
        self.by_status.setdefault(status, []).append(latency_s)

    def good(self, within_s: float = 1.0) -> int:
        """How many were 200 and came in time."""
        return sum(latency <= within_s for latency in self.by_status.get(200, []))

    def count(self, status: int) -> int:
        """How many had this status."""
        return len(self.by_status.get(status, []))

    def percentile_ms(self, percent: float, status: int = 200) -> float | None:
        """The latency that so many percent of the answers with a status did not exceed."""
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
        """Called by asyncio."""
        self.transport = cast("asyncio.Transport", transport)

    def connection_lost(self, _exc: Exception | None) -> None:
        """Called by asyncio."""
        self.closed = True
        self._finish(0)

    def data_received(self, data: bytes) -> None:
        """Called by asyncio."""
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
    """Connections to one port, kept alive and reused."""

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
    """A GET request."""
    return f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: */*\r\n\r\n".encode()


async def open_loop(client: Client, request: bytes, *, per_s: float, seconds: float) -> Answers:
    """Start `per_s` requests a second, whatever becomes of them; wait for the last answer."""
    answers, tasks = Answers(seconds=seconds), []
    began = time.monotonic()
    for number in range(int(per_s * seconds)):
        due = began + number / per_s
        if (wait_s := due - time.monotonic()) > 0:
            await asyncio.sleep(wait_s)
        tasks.append(asyncio.create_task(client.ask(request, answers, due)))
    await asyncio.gather(*tasks)
    return answers


async def closed_loop(client: Client, request: bytes, *, at_once: int, seconds: float) -> Answers:
    """Keep `at_once` requests in flight, for a measure of capacity; who is refused obeys Retry-After."""
    answers, ends_at = Answers(seconds=seconds), time.monotonic() + seconds

    async def one() -> None:
        while (now := time.monotonic()) < ends_at:
            if await client.ask(request, answers, now) == 503:
                await asyncio.sleep(RETRY_AFTER_S)

    await asyncio.gather(*(one() for _ in range(at_once)))
    return answers
