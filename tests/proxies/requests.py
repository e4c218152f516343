"""List kinds of requests, and what becomes of each behind nginx and Apache.

The tests send them all, and docs/http.md shows them. An outcome is the status of a refusal, or a text below.
"""

from typing import NamedTuple

from tests.proxies.echo import PUBLISHED

APP = "the app gets it as it was sent"
FILE = "the file, without the app"
ONE_SLASH = "the app gets it with one slash"
URL = "the app gets its path, and its host as Host"
EMPTY = "the app gets it, with an empty value"


class Kind(NamedTuple):
    """A request, what it is, and its outcome."""

    what: str
    request: bytes
    nginx: str
    apache: str


def _get(target: str, *headers: str, method: str = "GET", host: str = "Host: www.example.com") -> bytes:
    lines = [f"{method} {target} HTTP/1.1", host, "X-Forwarded-For: 6.6.6.6, 203.0.113.7", *headers]
    return "\r\n".join([*(line for line in lines if line), "Connection: close", "", ""]).encode("latin-1")


def _both(what: str, request: bytes, outcome: str) -> Kind:
    return Kind(what, request, outcome, outcome)


class Promise(NamedTuple):
    """Promise something of both proxies with the service behind them, and name the test that sees it."""

    what: str
    test: str
    nginx: str = "yes"
    apache: str = "yes"


PROMISES = (
    Promise(
        "a static file, and nothing else, is answered without the app", "test_it_becomes_what_the_page_says"
    ),
    Promise(
        "an answer that breaks off ends its connection; no other answer follows on it",
        "test_an_answer_that_breaks_ends_its_connection_and_no_other_answer_follows",
    ),
    Promise(
        "a refusal is logged, counted, and a problem",
        "test_a_refusal_is_a_problem_and_leaves_one_line_that_is_counted",
    ),
    Promise(
        "what waits too long is refused by the app, and health is not",
        "test_what_waits_too_long_is_refused_by_the_app_and_the_refusal_passed_on",
    ),
    Promise(
        "a flood is refused by the proxy itself",
        "test_a_flood_is_refused_at_once_and_health_is_not",
        apache="the app does",
    ),
    Promise(
        "chunks above the limit are 413", "test_chunks_above_the_limit_are_refused_however_many_there_are"
    ),
    Promise(
        "who falls silent is let go in seconds", "test_who_falls_silent_within_a_request_is_let_go_in_seconds"
    ),
    Promise(
        "a slow reader holds no thread of the app",
        "test_a_slow_reader_holds_no_thread_of_the_app",
        apache="a few MB",
    ),
    Promise(
        "each piece of a stream arrives at once, compressed or not",
        "test_every_piece_of_a_stream_arrives_at_once",
    ),
    Promise("WebSocket: text and bytes of every size", "test_text_and_bytes_of_every_size_come_back"),
    Promise(
        "a WebSocket may be silent for longer than an answer may take",
        "test_a_websocket_may_be_silent_for_longer_than_an_answer_may_take",
    ),
    Promise(
        "more WebSockets than allowed are refused with 503, requests go on",
        "test_more_websockets_than_allowed_are_refused_and_requests_go_on",
    ),
    Promise(
        "at a stop each WebSocket gets the close frame 1001 in time",
        "test_when_a_task_stops_every_client_gets_a_close_frame_in_time",
    ),
    Promise("Flask-SocketIO polls, and changes to WebSocket", "test_a_client_changes_to_websocket"),
)

SECTIONS = {
    "Static files": (
        _both("a file that the app has published", _get(PUBLISHED), FILE),
        _both("with a query", _get(f"{PUBLISHED}?v=1"), FILE),
        _both("HEAD", _get(PUBLISHED, method="HEAD"), FILE),
        _both("for a foreign host", _get(PUBLISHED, host="Host: other.example.org"), FILE),
        _both("POST to the file", _get(PUBLISHED, "Content-Length: 0", method="POST"), APP),
        _both("a file that is not published", _get("/static/none.css"), APP),
        _both("a letter written as `%2E`", _get("/static/app%2Ecss"), APP),
        _both("two slashes", _get("/static//app.css"), APP),
        _both("a folder", _get("/static/"), APP),
    ),
    "Paths": (
        _both("`%2F` inside a path", _get("/files/a%2Fb"), APP),
        _both("`/account/..%2Fstatic/app.css`", _get("/account/..%2Fstatic/app.css"), APP),
        _both("`/account%2F..%2Fstatic/app.css`", _get("/account%2F..%2Fstatic/app.css"), APP),
        _both("`/account/%2e%2e/static/app.css`", _get("/account/%2e%2e/static/app.css"), APP),
        _both("`/me/../static/app.css`", _get("/me/../static/app.css"), APP),
        Kind("two slashes at the beginning", _get("//files/a"), APP, ONE_SLASH),
        Kind("two slashes, then a path that Apache would change", _get("//a/../b"), APP, "400"),
        Kind("the same with `%2e%2e`", _get("//a/%2e%2e/b"), APP, "400"),
        _both("a backslash", _get("/a\\b"), APP),
        _both("`%252e%252e`", _get("/a/%252e%252e/static/app.css"), APP),
        _both("`/static/./app.css`", _get("/static/./app.css"), APP),
        _both("`..` above the root", _get("/../static/app.css"), "400"),
        _both("`%zz`", _get("/a%zz"), "400"),
        Kind("`%00`", _get("/a%00b"), "400", "404"),
        _both("`;` and `:`", _get("/a;b:c"), APP),
        _both("a path of the proxy's own, `/.refused`", _get("/.refused"), APP),
    ),
    "Hosts": (
        _both("another host than the service's", _get("/", host="Host: other.example.org"), APP),
        _both("capitals and a dot at the end", _get("/", host="Host: WWW.EXAMPLE.COM."), APP),
        _both("a whole URL", _get("http://other.example.org/a?b=http://c/"), URL),
        Kind("a whole URL with `..`", _get("http://other.example.org/a/../b"), URL, "400"),
        _both("a whole URL with a user", _get("http://a@other.example.org/a"), "400"),
        _both("no Host", _get("/", host=""), "400"),
        _both("two Hosts", _get("/", "Host: b"), "400"),
        _both("a Host with a slash", _get("/", host="Host: a/b"), "400"),
    ),
    "Methods": (
        _both("PROPFIND", _get("/", method="PROPFIND"), APP),
        _both("TRACE", _get("/", method="TRACE"), "405"),
    ),
    "Sizes": (
        _both("a URL of 15.9 KiB", _get("/" + "a" * 16_280), APP),
        _both("a URL of 20 KiB", _get("/" + "a" * 20_480), "414"),
        _both("cookies of 15.9 KiB", _get("/", "Cookie: " + "c" * 16_280), APP),
        Kind("cookies of 20 KiB", _get("/", "Cookie: " + "c" * 20_480), "431", "400"),
        _both("63 KiB of headers", _get("/", *(f"X-{n}: {'h' * 9_200}" for n in range(7))), APP),
        _both("900 headers", _get("/", *(f"X-{n}: h" for n in range(900))), APP),
        _both("a body above the limit", _get("/", "Content-Length: 100001", method="POST"), "413"),
    ),
    "Framing": (
        _both(
            "two different lengths", _get("/", "Content-Length: 1", "Content-Length: 2", method="POST"), "400"
        ),
        _both(
            "`Transfer-Encoding: gzip, chunked`",
            _get("/", "Transfer-Encoding: gzip, chunked", method="POST"),
            "501",
        ),
        _both(
            "chunks in HTTP/1.0",
            b"POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            "400",
        ),
        _both("two spaces before the path", b"GET  / HTTP/1.1\r\nHost: a\r\n\r\n", "400"),
        _both("two spaces after it", b"GET /  HTTP/1.1\r\nHost: a\r\n\r\n", "400"),
        _both("HTTP/1.10", b"GET / HTTP/1.10\r\nHost: a\r\n\r\n", "400"),
        _both("HTTP/2 without agreement", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "400"),
        _both("no HTTP at all", b"HELO there\r\n\r\n", "400"),
        _both("an empty line before the request", b"\r\n" + _get("/"), APP),
        Kind("a header without a colon", _get("/", "X-A"), EMPTY, "400"),
        Kind("CR twice before LF", _get("/", "X-A: b\r"), APP, "400"),
    ),
}
KINDS = tuple(kind for kinds in SECTIONS.values() for kind in kinds)
