"""Collect a request until it is whole, so that no thread waits for a slow client."""

import re
import tempfile
import time
from typing import IO

from gunicorn.http.body import CHUNK_EXT_RE  # type: ignore[attr-defined] # the types are of Gunicorn 26

# Apache's rule for slow clients: 20 s, and one more for each 500 bytes that have come.
# https://httpd.apache.org/docs/2.4/mod/mod_reqtimeout.html
PATIENCE_S = 20
LEAST_BYTES_PER_S = 500
# The parser refuses a longer head: Gunicorn's own limits are lower.
HEAD_BYTES = 256 * 1024
# Larger bodies wait in a file under /tmp.
MEMORY_BYTES = 64 * 1024

_BODY = re.compile(rb"\n(content-length|transfer-encoding)[ \t]*:[ \t]*([^\r\n]*)", re.IGNORECASE)
_CLOSES = re.compile(rb"^[^\r\n]* HTTP/1\.0\r|\nconnection:[^\n]*close", re.IGNORECASE)
# A head that every parser reads alike: RFC 9112's grammar, without obsolete folding, and one Host.
_PLAIN = re.compile(rb"[A-Z]+ /[!-~]* HTTP/1\.1\r\n([!#$%&'*+.^_`|~0-9A-Za-z-]+:[\t -~\x80-\xff]*\r\n)+\r\n")
_HOSTS = re.compile(rb"\nhost:", re.IGNORECASE)
# Python refuses to make an int of thousands of digits.
_LENGTH = re.compile(rb"[0-9]{1,18}")
_CHUNK_SIZE = re.compile(rb"([0-9A-Fa-f]{1,16})" + CHUNK_EXT_RE.pattern + rb"\r\n")
_TRAILER = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+:[\t -~\x80-\xff]*\r\n")
_CONTINUES = re.compile(rb"\nexpect:[ \t]*100-continue", re.IGNORECASE)


class Incoming:
    """A request on its way in, which knows where it ends; Gunicorn's parser decides whether it is valid.

    Treats malformed input as whole, so that the parser sees it at once and refuses it.
    """

    def __init__(self, *, max_body_bytes: int) -> None:
        self.head = bytearray()
        self.body: IO[bytes] | None = None
        self.rest = b""  # bytes after the end: the beginning of the next request
        self.whole = False
        self.ended = False  # whole, and where it ends is beyond doubt
        self.broken = False  # the body is in chunks that make no sense
        self.cut_short = False  # the client has closed its side
        self._max_body_bytes = max_body_bytes
        self._size = 0
        self._since = time.monotonic()
        self._framing: _Length | _Chunks | None = None

    @property
    def began(self) -> bool:
        """Return whether any byte has come."""
        return self._size > 0

    @property
    def has_all_of_its_length(self) -> bool:
        """Return whether the body has a declared length and is here to its last byte."""
        return self.ended and isinstance(self._framing, _Length)

    @property
    def keeps_alive(self) -> bool:
        """Return whether the connection can serve another request although no parser has seen this one."""
        chunks = isinstance(self._framing, _Chunks)
        return (
            self.ended
            and not self.rest
            and not chunks
            and bool(_PLAIN.fullmatch(self.head))
            and len(_HOSTS.findall(self.head)) == 1
            and not _CLOSES.search(self.head)
        )

    @property
    def waits_for_continue(self) -> bool:
        """Return whether the client sends its body only after `100 Continue`."""
        return self._framing is not None and bool(_CONTINUES.search(self.head))

    def late(self, now: float) -> bool:
        """Return whether a request that has begun comes too slowly; `now` is from time.monotonic."""
        return self.began and now > self._since + PATIENCE_S + self._size / LEAST_BYTES_PER_S

    def feed(self, data: bytes) -> None:
        """Take in bytes from the socket."""
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
            fields = [(name.lower(), value.strip()) for name, value in _BODY.findall(self.head)]
            self._framing = self._framing_of_the_body(fields)
            if self._framing is None:
                self.whole, self.rest = True, data
                self.ended = fields in ([], [(b"content-length", b"0")])
                return
        self._feed_body(self._framing, data)

    def close(self) -> None:
        """Close the file of the body."""
        if self.body:
            self.body.close()

    def _framing_of_the_body(self, fields: list[tuple[bytes, bytes]]) -> "_Length | _Chunks | None":
        if len(fields) != 1:  # no body, or a contradiction that the parser refuses
            return None
        name, value = fields[0]
        if name == b"transfer-encoding":
            return _Chunks() if value.lower() == b"chunked" else None
        # The app answers 413 to a length above its limit, without reading any of it.
        size = int(value) if _LENGTH.fullmatch(value) else 0
        return _Length(size) if 0 < size <= self._max_body_bytes else None

    def _feed_body(self, framing: "_Length | _Chunks", data: bytes) -> None:
        end = framing.feed(data)
        if self.body is None:
            self.body = tempfile.SpooledTemporaryFile(max_size=MEMORY_BYTES)  # noqa: SIM115 (the reader closes it)
        self.body.write(data if end is None else data[:end])
        if end is not None:
            self.rest = data[end:]
            self.ended, self.broken = framing.ended, not framing.ended
        if end is not None or self.body.tell() > self._max_body_bytes + HEAD_BYTES:
            self.whole = True


class _Length:
    """A body of a declared number of bytes."""

    ended = True  # at the place that `feed` returns

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
        self._take = self._size
        self.ended = False

    def feed(self, data: bytes) -> int | None:
        """Return how much of `data` belongs to the body, once that is known or cannot be known."""
        at = 0
        while at < len(data) and not self.ended:
            if self._skip:
                step = min(self._skip, len(data) - at)
                self._skip -= step
                at += step
                continue
            end = data.find(b"\n", at) + 1
            self._line += data[at : end or len(data)]
            if not end:
                return len(data) if len(self._line) > HEAD_BYTES else None
            at = end
            line, self._line = self._line, b""
            if not self._take(line):
                return len(data)
        return at if self.ended else None

    def _size(self, line: bytes) -> bool:
        found = _CHUNK_SIZE.fullmatch(line)
        if found:
            self._skip = int(found[1], 16)
            self._take = self._end_of_data if self._skip else self._trailer
        return bool(found)

    def _end_of_data(self, line: bytes) -> bool:
        self._take = self._size
        return line == b"\r\n"

    def _trailer(self, line: bytes) -> bool:
        self.ended = line == b"\r\n"
        return self.ended or bool(_TRAILER.fullmatch(line))
