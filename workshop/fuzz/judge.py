"""Read a stream as h11 does, which nobody here wrote, and compare what the service has answered to it."""

import gzip
import http.client
import io
import json
import re
import zlib
from dataclasses import dataclass, field
from typing import Any

import h11

from workshop.fuzz.streams import HIDDEN

_REFUSALS = {400, 403, 404, 405, 408, 411, 413, 414, 415, 417, 421, 426, 431, 501, 505}
_MOST_BYTES = 1_000_000


@dataclass
class Reading:
    """The requests of a stream, and whether it goes on with something that is none."""

    requests: list[tuple[str, str, int, int]] = field(default_factory=list)  # method, target, bytes, CRC
    malformed: str = ""
    within_body: bool = False


def read(stream: bytes) -> Reading:
    """Return what h11 reads."""
    reading = Reading()
    rest = stream
    while rest:
        server = h11.Connection(h11.SERVER, max_incomplete_event_size=_MOST_BYTES)
        server.receive_data(rest)
        try:
            goes_on = _read(server, reading)
        except h11.RemoteProtocolError as error:
            if "no request line" not in str(error):
                reading.malformed = f"{error}{' in a body' if reading.within_body else ''}"
                break
            # Servers should ignore an empty line before a request, RFC 9112, section 2.2; h11 does not.
            rest = server.trailing_data[0].lstrip(b"\r\n")
        else:
            rest = server.trailing_data[0] if goes_on else b""
    return reading


def _read(server: h11.Connection, reading: Reading) -> bool:
    """Read until the bytes or the connection end; return whether it was the connection."""
    head, body = None, b""
    while (event := server.next_event()) not in (h11.NEED_DATA, h11.PAUSED):
        if isinstance(event, h11.Request):
            head, body, reading.within_body = event, b"", True
        elif isinstance(event, h11.Data):
            body += event.data
        elif isinstance(event, h11.EndOfMessage) and head:
            reading.within_body = False
            method = head.method.decode("latin-1")
            # A server answers the path of a whole URL: RFC 9112, section 3.2.2.
            target = re.sub(r"^https?://[^/]*", "", head.target.decode("latin-1"))
            reading.requests.append((method, target, len(body), zlib.crc32(body)))
            server.send(h11.Response(status_code=404, headers=[("Content-Length", "0")]))
            server.send(h11.EndOfMessage())
            if server.our_state is not h11.DONE:
                return True  # whether more requests may follow is not what we ask
            server.start_next_cycle()
    return False


class _Answers(io.BytesIO):
    """Bytes as http.client reads them from a socket, one answer after the other."""

    def makefile(self, _mode: str) -> "_Answers":
        return self

    def close(self) -> None:
        """Stay open for the next answer."""


def answers(received: bytes) -> list[tuple[int, Any]]:
    """Return the status of each answer, and what the app has said in it."""
    source, found = _Answers(received), list[tuple[int, Any]]()
    while source.tell() < len(received):
        answer = http.client.HTTPResponse(source)  # type: ignore[arg-type] # it needs makefile alone
        try:
            answer.begin()
            body = answer.read()
            if answer.headers["Content-Encoding"] == "gzip":
                body = gzip.decompress(body)
        except (http.client.HTTPException, OSError, EOFError, ValueError):
            found.append((400 if b'"status":400' in received else 0, None))  # HTTP/0.9 has no status line
            break
        said = json.loads(body) if answer.status == 200 and body else None
        found.append((answer.status, said))
    return found


def finding(stream: bytes, received: bytes) -> str | None:
    """Return what is wrong with the answers, in a few words."""
    reading = read(stream)
    for place, (status, said) in enumerate(answers(received)):
        if status in _REFUSALS:
            return None  # being stricter than h11 is never wrong; the connection is of no use after that
        if status != 200:
            return f"status {status}"
        if said is None:
            continue
        if place >= len(reading.requests):
            return f"200 for what h11 refuses: {reading.malformed or 'an unfinished request'}"
        got = (said["method"], said["target"], said["bytes"], said["crc"])
        if got != reading.requests[place]:
            what = "a hidden request" if HIDDEN in said["target"] else "another request"
            return f"{what} than h11 reads: {got}, {reading.requests[place]}"
    return None
