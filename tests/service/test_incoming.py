"""Test that the end of a request is found where Gunicorn's parser finds it."""

from collections.abc import Callable, Iterator

import pytest
from gunicorn.config import Config
from gunicorn.http.errors import NoMoreData, ParseException
from gunicorn.http.message import Request
from gunicorn.http.unreader import IterUnreader
from hypothesis import given, settings
from hypothesis import strategies as st

from service.server import incoming
from service.server.incoming import Incoming

HEAD = b"POST / HTTP/1.1\r\nHost: a\r\n"
Fed = Callable[..., Incoming]
NEXT = b"GET /next HTTP/1.1\r\n\r\n"


@pytest.fixture
def fed() -> Iterator[Fed]:
    """Feed pieces to a request, which must not be whole before the last one."""
    made: list[Incoming] = []

    def feed(*pieces: bytes) -> Incoming:
        one = Incoming(max_body_bytes=1000)
        made.append(one)
        for piece in pieces:
            assert not one.whole
            one.feed(piece)
        return one

    yield feed
    for one in made:
        one.close()


def bodies(one: Incoming) -> bytes:
    if one.body is None:
        return b""
    one.body.seek(0)
    return one.body.read()


WHOLE = {
    "no body": (b"GET / HTTP/1.1\r\nHost: a\r\n\r\n", b""),
    "length 0": (HEAD + b"Content-Length: 0\r\n\r\n", b""),
    "length": (HEAD + b"content-length:5\r\n\r\n", b"12345"),
    "chunks": (HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"5;x=y\r\n12\r\n5\r\n0\r\n\r\n"),
    "trailers": (HEAD + b"Transfer-Encoding: Chunked\r\n\r\n", b"1\r\na\r\n0\r\nX: y\r\n\r\n"),
    "chunk that looks like the end": (
        HEAD + b"Transfer-Encoding: chunked\r\n\r\n",
        b"5\r\n0\r\n\r\n\r\n0\r\n\r\n",
    ),
}


@pytest.mark.parametrize(("head", "body"), WHOLE.values(), ids=WHOLE)
def test_a_request_is_whole_with_its_last_byte_and_not_before(fed: Fed, head: bytes, body: bytes) -> None:
    request = head + body
    one = fed(*(bytes([byte]) for byte in request))
    assert one.whole
    assert (bytes(one.head), bodies(one), one.rest) == (head, body, b"")


@pytest.mark.parametrize(("head", "body"), WHOLE.values(), ids=WHOLE)
def test_what_follows_belongs_to_the_next_request(fed: Fed, head: bytes, body: bytes) -> None:
    one = fed(head + body + NEXT)
    assert one.whole
    assert (bytes(one.head), bodies(one), one.rest) == (head, body, NEXT)


@pytest.mark.parametrize(
    "fields",
    [
        b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
        b"Content-Length: 5\r\nContent-Length: 6\r\n",
        b"Content-Length: -5\r\n",
        b"Content-Length: 5, 5\r\n",
        b"Transfer-Encoding: gzip, chunked\r\n",
        b"Content-Length: 1001\r\n",  # above the limit: the app says 413 without reading any of it
    ],
)
def test_a_contradiction_is_the_parsers_to_refuse_at_once(fed: Fed, fields: bytes) -> None:
    assert fed(HEAD + fields + b"\r\n").whole


@pytest.mark.parametrize(
    "body",
    [
        b"xyz\r\n",
        b"0x5\r\nhello\r\n0\r\n\r\n",
        b"+5\r\nhello\r\n0\r\n\r\n",
        b"0_5\r\nhello\r\n0\r\n\r\n",
        b"5 \r\nhello\r\n0\r\n\r\n",
        b"5\nhello\r\n0\r\n\r\n",
        b"3\r\nhello\r\n0\r\n\r\n",
        b"5\r\nhello\n0\r\n\r\n",
        b"5;\r\nhello\r\n0\r\n\r\n",
        b"0\r\nno trailer\r\n\r\n",
        b"0\r\nX-A: b\n\r\n",
        b"0\r\n\n",
        b"0" * 17 + b"\r\n\r\n",
    ],
)
def test_chunks_that_make_no_sense_are_known_at_once(fed: Fed, body: bytes) -> None:
    one = fed(HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + body)
    assert (one.whole, one.ended, one.broken) == (True, False, True)


def test_a_length_of_thousands_of_digits_is_the_parsers_to_refuse(fed: Fed) -> None:
    one = fed(HEAD + b"Content-Length: " + b"9" * 5000 + b"\r\n\r\n")
    assert (one.whole, one.ended) == (True, False)


def test_chunks_above_the_limit_are_not_collected(fed: Fed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(incoming, "HEAD_BYTES", 100)
    head = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
    assert fed(head + b"fffff\r\n" + b"x" * 2000).whole


def test_a_head_without_end_is_not_collected_for_ever(fed: Fed) -> None:
    assert fed(b"GET / HTTP/1.1\r\nX: " + b"a" * incoming.HEAD_BYTES).whole


def test_slow_is_slower_than_500_bytes_a_second_after_20_seconds(fed: Fed) -> None:
    one = fed(HEAD)
    began = one._since
    assert not one.late(began + 20)
    assert one.late(began + 21)
    one.feed(b"X: " + b"a" * 5000)
    assert not one.late(began + 30)
    assert one.late(began + 31)


def test_silence_is_not_slow(fed: Fed) -> None:
    assert not fed().late(float("inf"))


@pytest.mark.parametrize(
    ("head", "keeps"),
    [
        (b"GET / HTTP/1.1\r\nHost: a\r\n\r\n", True),
        (b"GET / HTTP/1.1\r\nHost: a\r\nConnection: Close\r\n\r\n", False),
        (b"GET / HTTP/1.0\r\nHost: a\r\n\r\n", False),
        (b"GET /?a=HTTP/1.0 HTTP/1.1\r\nHost: a\r\n\r\n", True),
        (HEAD + b"Content-Length: 2\r\n\r\nab", True),
        # Whatever others might read otherwise, when no parser has seen it.
        (HEAD + b"Content-Length: 1001\r\n\r\n", False),
        (HEAD + b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n", False),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", False),
        (HEAD + b"Content-Length : 2\r\n\r\nab", False),
        (HEAD + b"X-A: b\rContent-Length: 2\r\n\r\n", False),
        (HEAD + b"X-A: b\nContent-Length: 2\r\n\r\nab", False),
        (HEAD + b" Content-Length: 2\r\n\r\n", False),
        (HEAD + b"X-A: b\0\r\n\r\n", False),
        (HEAD + b"Host: b\r\n\r\n", False),
        (b"GET / HTTP/1.1\r\n\r\n", False),
        (b"GET http://a/ HTTP/1.1\r\nHost: a\r\n\r\n", False),
    ],
)
def test_knows_whether_the_client_keeps_the_connection(fed: Fed, head: bytes, keeps: bool) -> None:
    assert fed(head).keeps_alive is keeps


LINES = (
    b"Host: a",
    b"Content-Length: 5",
    b"Content-Length: 0",
    b"Content-Length: 05",
    b"content-length:\t3",
    b"Content-Length: 5, 5",
    b"Content-Length : 5",
    b"Transfer-Encoding: chunked",
    b"transfer-encoding:CHUNKED",
    b"Transfer-Encoding: gzip, chunked",
    b"Transfer-Encoding: identity",
    b"X-A: b\rContent-Length: 5",
    b"X-A: b\nContent-Length: 5",
    b" folded",
    b"X-A: content-length: 5",
    b"Content_Length: 5",
)
PIECES = (
    *(
        b"0",
        b"1",
        b"3",
        b"5",
        b"a",
        b"hello",
        b"\r\n",
        b"\n",
        b"\r",
        b";",
        b"x=y",
        b' ;q="\r\n"',
        b" ",
        b"0x",
    ),
    *(b"0\r\n\r\n", b"5\r\nhello\r\n", b"X-B: c\r\n", b"Content-Length: 5\r\n", NEXT),
)


def accepted_by_gunicorn(data: bytes) -> bytes | None:
    """Return the bytes that Gunicorn's parser leaves after a request, or None if it refuses the request."""
    unreader = IterUnreader(iter([data]))
    try:
        request = Request(Config(), unreader, ("127.0.0.1", 1))
        while request.body and request.body.read(8192):
            pass
    except (ParseException, NoMoreData, StopIteration):
        return None
    return bytes(unreader.buf.getvalue()) + b"".join(iter(unreader.chunk, b""))


@settings(max_examples=600, derandomize=True, database=None, deadline=None)
@given(
    st.lists(st.sampled_from(LINES), max_size=4),
    st.lists(st.sampled_from(PIECES), max_size=8),
    st.integers(1, 400),
)
def test_whatever_gunicorn_accepts_ends_where_it_says(
    lines: list[bytes], pieces: list[bytes], at: int
) -> None:
    data = b"\r\n".join([b"POST / HTTP/1.1", *lines, b"", b""]) + b"".join(pieces)
    left_over = accepted_by_gunicorn(data)
    one = Incoming(max_body_bytes=1000)
    rest = [data[:at], data[at:]]
    while rest and not one.whole:
        one.feed(rest.pop(0))
    if left_over is not None and one.ended:
        assert one.rest + b"".join(rest) == left_over
    if one.broken:
        assert left_over is None or not left_over.endswith(NEXT)
    one.close()
