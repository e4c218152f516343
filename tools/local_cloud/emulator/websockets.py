"""Pass WebSockets on to a target, message by message.

The server before this speaks with the client, wsproto with the target. So pings and compression end here, and
a client's close code does not reach the target. A connection ends when either side ends it, or when neither
has sent anything for the load balancer's idle timeout.
"""

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator
from contextvars import ContextVar
from typing import Any

from ministack.core.responses import StreamingResponse
from wsproto import ConnectionType, WSConnection, events
from wsproto.utilities import LocalProtocolError, RemoteProtocolError

from tools.local_cloud.emulator.resources import Props

# The idle timeout while a request for a WebSocket is answered, else nothing.
idle_s: ContextVar[float] = ContextVar("idle_s", default=0)

# These belong to one connection, and wsproto writes those of its own.
_OWN = {"connection", "upgrade", "content-length", "transfer-encoding", "host"}
_HANDSHAKE = "sec-websocket-"
_PROTOCOL = "sec-websocket-protocol"
_ABNORMAL = {1005, 1006, 1015}  # not for a close frame: https://www.rfc-editor.org/rfc/rfc6455#section-7.4.1


class _Target:
    """A connection to a target."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer
        self._protocol = WSConnection(ConnectionType.CLIENT)

    async def send(self, event: events.Event) -> None:
        self._writer.write(self._protocol.send(event))
        await self._writer.drain()

    async def events(self) -> AsyncIterator[events.Event]:
        """Yield what the target says until it ends the connection."""
        while True:
            for event in self._protocol.events():
                yield event
            data = await self._reader.read(65536)
            if not data:
                return
            self._protocol.receive_data(data)

    def close(self) -> None:
        self._writer.close()


async def connect(
    target: Props, group: Props, _method: str, path: str, headers: dict[str, str], *rest: Any
) -> Any:
    """Ask a target for a WebSocket: return its answer, with a relay as the body if it is 101."""
    address = target["Id"], int(target.get("Port") or group.get("Port", 80))
    tls = ssl._create_unverified_context() if group.get("Protocol") == "HTTPS" else None  # noqa: S323
    try:
        link = _Target(*await asyncio.open_connection(*address, ssl=tls))
    except OSError as error:
        return 502, {"content-type": "text/plain"}, f"The target does not answer: {error}\n".encode()
    status = 502
    try:
        async with asyncio.timeout(idle_s.get()):
            await link.send(_request(path, rest[-1], headers))
            status, answer, body = await _answer(link)
            return status, answer, body
    except TimeoutError:
        return 504, {}, b""
    except (OSError, RemoteProtocolError):
        return 502, {}, b""
    finally:
        if status != 101:
            link.close()


def _request(path: str, query: str, headers: dict[str, str]) -> events.Request:
    wanted = headers.get(_PROTOCOL, "")
    return events.Request(
        host=headers["host"],
        target=path + (f"?{query}" if query else ""),
        subprotocols=[name.strip() for name in wanted.split(",") if name.strip()],
        extra_headers=[
            (name.encode(), value.encode("latin-1"))
            for name, value in headers.items()
            if name not in _OWN and not name.startswith(_HANDSHAKE)
        ],
    )


async def _answer(link: _Target) -> Any:
    status, headers, body = 502, {}, b""
    said = link.events()
    async for event in said:
        if isinstance(event, events.AcceptConnection):
            headers = _text(event.extra_headers)
            if event.subprotocol:
                headers[_PROTOCOL] = event.subprotocol
            return 101, headers, StreamingResponse(_Relay(link, said, idle_s.get()).run)
        if isinstance(event, events.RejectConnection):
            status, headers = event.status_code, _text(event.headers)
        if isinstance(event, events.RejectData):
            body += event.data
            if event.body_finished:
                break
    return status, headers, body


def _text(headers: Any) -> dict[str, str]:
    pairs = [(name.decode().lower(), value.decode("latin-1")) for name, value in headers]
    return {name: value for name, value in pairs if name not in _OWN}


class _Relay:
    """Pass messages both ways until one side ends."""

    def __init__(self, link: _Target, said: AsyncIterator[events.Event], idle: float) -> None:
        self._link, self._said, self._idle = link, said, idle

    async def run(self, send: Any, receive: Any) -> None:
        with contextlib.suppress(TimeoutError, OSError, RemoteProtocolError):
            async with asyncio.timeout(self._idle) as self._timer:
                ways = [asyncio.create_task(way) for way in (self._up(receive), self._down(send))]
                try:
                    await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
                finally:
                    for way in ways:
                        way.cancel()
                    await asyncio.gather(*ways, return_exceptions=True)
                    self._link.close()

    def _alive(self) -> None:
        self._timer.reschedule(asyncio.get_running_loop().time() + self._idle)

    async def _up(self, receive: Any) -> None:
        while (message := await receive())["type"] == "websocket.receive":
            self._alive()
            if message.get("text") is not None:
                await self._link.send(events.TextMessage(message["text"]))
            else:
                await self._link.send(events.BytesMessage(message["bytes"]))
        with contextlib.suppress(LocalProtocolError):  # the target may have said so before
            await self._link.send(events.CloseConnection(1000))

    async def _down(self, send: Any) -> None:
        pieces: list[Any] = []
        async for event in self._said:
            self._alive()
            if isinstance(event, events.Ping):
                await self._link.send(event.response())
            elif isinstance(event, events.CloseConnection):
                code = 1000 if event.code in _ABNORMAL else int(event.code)
                await send({"type": "websocket.close", "code": code, "reason": event.reason})
                await self._link.send(event.response())
                return
            elif isinstance(event, events.Message):
                pieces.append(event.data)
                if event.message_finished:
                    kind = "text" if isinstance(event, events.TextMessage) else "bytes"
                    whole: Any = ("" if kind == "text" else b"").join(pieces)
                    pieces.clear()
                    await send({"type": "websocket.send", kind: whole})


async def answer(response: Any, send: Any, receive: Any) -> None:
    """Send the client what the target, or the load balancer for it, has said."""
    status, headers, body = response
    several = [(name, each) for name, value in headers.items() for each in _list(value)]
    raw = [(name.lower().encode(), each.encode("latin-1")) for name, each in several]
    if status == 101:
        raw = [pair for pair in raw if pair[0] != _PROTOCOL.encode()]
        await receive()  # that the client wants to connect
        await send({"type": "websocket.accept", "subprotocol": headers.get(_PROTOCOL), "headers": raw})
        await body.runner(send, receive)
        return
    raw.append((b"content-length", str(len(body)).encode()))
    await send({"type": "websocket.http.response.start", "status": status, "headers": raw})
    await send({"type": "websocket.http.response.body", "body": body, "more_body": False})


def _list(value: Any) -> list[str]:
    return list(value) if isinstance(value, list) else [str(value)]
