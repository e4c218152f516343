"""Test that `make fuzz` would see what it looks for."""

import json
import zlib

import pytest

from workshop.fuzz.judge import finding, read
from workshop.fuzz.streams import stream

FIRST = b"POST /t/1-0 HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi"
SECOND = b"GET /t/1-1 HTTP/1.1\r\nHost: a\r\n\r\n"


def answer(method: str, target: str, body: bytes = b"", status: int = 200) -> bytes:
    said = json.dumps({"method": method, "target": target, "bytes": len(body), "crc": zlib.crc32(body)})
    return f"HTTP/1.1 {status} X\r\nContent-Length: {len(said)}\r\n\r\n{said}".encode()


def test_the_same_number_gives_the_same_stream() -> None:
    assert stream(7) == stream(7) != stream(8)


def test_right_answers_are_no_finding() -> None:
    assert finding(FIRST + SECOND, answer("POST", "/t/1-0", b"hi") + answer("GET", "/t/1-1")) is None
    assert finding(FIRST + SECOND, answer("POST", "/t/1-0", status=400)) is None


@pytest.mark.parametrize(
    ("received", "says"),
    [
        (answer("POST", "/t/1-0", b"h"), "another request"),
        (answer("GET", "/t/1-1"), "another request"),
        (answer("POST", "/hidden"), "a hidden request"),
        (answer("POST", "/t/1-0", b"hi", status=500), "status 500"),
        (answer("POST", "/t/1-0", b"hi") + answer("GET", "/t/1-1") * 2, "200 for what h11 refuses"),
    ],
)
def test_wrong_answers_are_found(received: bytes, says: str) -> None:
    assert str(finding(FIRST + SECOND, received)).startswith(says)


def test_an_empty_line_and_a_whole_url_are_read() -> None:
    reading = read(b"\r\nGET http://a/x HTTP/1.1\r\nHost: a\r\n\r\n")
    assert [request[:2] for request in reading.requests] == [("GET", "/x")]
