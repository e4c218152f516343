"""A request on its way in: collected until it is whole, so that no thread waits for a slow client."""

import re
import tempfile
import time
from typing import IO

# Apache's rule for slow clients: 20 s, and one more for each 500 bytes that have come.
# https://httpd.apache.org/docs/2.4/mod/mod_reqtimeout.html
PATIENCE_S = 20
LEAST_BYTES_PER_S = 500
# Above this the head is the parser's to refuse: Gunicorn's own limits are lower.
HEAD_BYTES = 256 * 1024
# Larger bodies wait in a file under /tmp.
MEMORY_BYTES = 64 * 1024

_BODY = re.compile(rb"\n(content-length|transfer-encoding)[ \t]*:[ \t]*([^\r\n]*)", re.IGNORECASE)
_CLOSES = re.compile(rb"^[^\r\n]* HTTP/1\.0\r|\nconnection:[^\n]*close", re.IGNORECASE)
_CONTINUES = re.compile(rb"\nexpect:[ \t]*100-continue", re.IGNORECASE)


class Incoming:
    """Finds where a request ends, and nothing else: Gunicorn's parser alone decides whether it is valid.

    Bytes that make no sense here count as whole, so that the parser sees and refuses them at once.
    """

    def __init__(self, *, max_body_bytes: int) -> None:
        self.head = bytearray()
        self.body: IO[bytes] | None = None
        self.rest = b""  # what came after the end: the beginning of the next request
        self.whole = False
        self.cut_short = False  # the client has closed its side
        self.has_all_of_its_length = False  # a body of a declared length is here to its last byte
        self._max_body_bytes = max_body_bytes
        self._size = 0
        self._since = time.monotonic()
        self._framing: _Length | _Chunks | None = None

    @property
    def began(self) -> bool:
        """Whether any byte has come."""
        return self._size > 0

    @property
    def keeps_alive(self) -> bool:
        """Whether the connection can serve another request after this one."""
        return not self.rest and not _CLOSES.search(self.head)

    @property
    def waits_for_continue(self) -> bool:
        """Whether the client sends its body only once it is told to."""
        return self._framing is not None and bool(_CONTINUES.search(self.head))

    def late(self, now: float) -> bool:
        """Whether a request that has begun comes too slowly; `now` is of time.monotonic."""
        return self.began and now > self._since + PATIENCE_S + self._size / LEAST_BYTES_PER_S

    def feed(self, data: bytes) -> None:
        """Take in what the socket gave."""
        if not self.began:
            self._since = time.monotonic()
        self._size += len(data)
        if self._framing is None:
            start = max(0, len(self.head) - 3)
            self.head += data
            end = self.head.find(b"\r\n\r\n", start) + 4
            if end < 4:
                self.whole = len(self.head) > HEAD_BYTES
                return
            data = bytes(self.head[end:])
            del self.head[end:]
            self._framing = self._framing_of_the_body()
            if self._framing is None:
                self.whole, self.rest = True, data
                return
        self._feed_body(self._framing, data)

    def close(self) -> None:
        """Let go of the file."""
        if self.body:
            self.body.close()

    def _framing_of_the_body(self) -> "_Length | _Chunks | None":
        fields = _BODY.findall(self.head)
        if len(fields) != 1:  # none, or a contradiction that the parser refuses
            return None
        name, value = fields[0][0].lower(), fields[0][1].strip()
        if name == b"transfer-encoding":
            return _Chunks() if value.lower() == b"chunked" else None
        # The app answers 413 to a length above its limit, without reading any of it.
        if value.isdigit() and 0 < int(value) <= self._max_body_bytes:
            return _Length(int(value))
        return None

    def _feed_body(self, framing: "_Length | _Chunks", data: bytes) -> None:
        end = framing.feed(data)
        if self.body is None:
            self.body = tempfile.SpooledTemporaryFile(max_size=MEMORY_BYTES)  # noqa: SIM115 (the reader closes it)
        self.body.write(data if end is None else data[:end])
        if end is not None:
            self.rest = data[end:]
            self.has_all_of_its_length = isinstance(framing, _Length)
        if end is not None or self.body.tell() > self._max_body_bytes + HEAD_BYTES:
            self.whole = True


class _Length:
    """A body of so many bytes."""

    def __init__(self, size: int) -> None:
        self._missing = size

    def feed(self, data: bytes) -> int | None:
        """Return how much of `data` belongs to the body, once that is known."""
        end = self._missing
        self._missing -= len(data)
        return end if self._missing <= 0 else None


class _Chunks:
    """A body in chunks: sizes, data, and trailers up to an empty line (RFC 9112, section 7.1)."""

    def __init__(self) -> None:
        self._skip = 0
        self._line = b""
        self._last = False

    def feed(self, data: bytes) -> int | None:
        """Return how much of `data` belongs to the body, once that is known."""
        at = 0
        while at < len(data):
            if self._skip:
                step = min(self._skip, len(data) - at)
                self._skip -= step
                at += step
                continue
            newline = data.find(b"\n", at)
            self._line += data[at : newline if newline >= 0 else len(data)]
            if newline < 0:
                return len(data) if len(self._line) > HEAD_BYTES else None
            at = newline + 1
            line, self._line = self._line.strip(), b""
            if self._last:
                if not line:
                    return at
                continue
            try:
                size = int(line.partition(b";")[0], 16)
            except ValueError:
                return len(data)
            self._last = size == 0
            self._skip = size + 2 if size > 0 else 0
        return None
