"""Test what becomes of each kind of request, and what is said of those that a proxy refuses."""

import contextlib
import json
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from service.kit import browser_security
from tests.proxies.echo import PUBLISHED, echo
from tests.proxies.requests import APP, EMPTY, FILE, KINDS, ONE_SLASH, URL, Kind
from tests.service.gunicorn_process import PATIENCE_S, Server
from tests.wait import wait_for

CONTENT = b"a { color: red }\n" * 200
each_kind = pytest.mark.parametrize("asked", KINDS, ids=lambda asked: asked.what)


@pytest.fixture(scope="module")
def front(run: Callable[..., Server]) -> Iterator[Server]:
    """Start a proxy before a server that answers with the head it gets, with one published file."""
    with echo() as upstream:
        server = run(upstream, ENVIRONMENT="test")
        file = Path(server.shared, "static", PUBLISHED[1:])
        file.parent.mkdir(parents=True)
        file.write_bytes(CONTENT)
        wait_for(server.answers, "the first answer")
        yield server


def ask(server: Server, request: bytes) -> bytes:
    """Return the answer; not half-closed, which makes a proxy believe that the client has left."""
    answer = b""
    with socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE_S) as client:
        # A proxy that refuses may close before it has read everything.
        with contextlib.suppress(ConnectionError):
            client.sendall(request)
        with contextlib.suppress(ConnectionError):
            while data := client.recv(65536):
                answer += data
    return answer


def outcome(answer: bytes, request: bytes) -> str:
    head, _, body = answer.partition(b"\r\n\r\n")
    if head.split(b" ")[1] != b"200":
        return head.split(b" ")[1].decode()
    if b"text/x-head" not in head:
        return FILE
    # The line of the request, and its Host.
    sent, arrived = ([text.strip().split(b"\r\n")[0], *_hosts(text)] for text in (request, body))
    if arrived == sent:
        return EMPTY if b"\r\nX-A: \r\n" in body else APP
    if (
        arrived[0] == sent[0].replace(b"http://other.example.org", b"")
        and arrived[1] == b"Host: other.example.org"
    ):
        return URL
    return ONE_SLASH if arrived[0] == sent[0].replace(b"//", b"/") else f"changed to {arrived!r}"


def _hosts(head: bytes) -> list[bytes]:
    return [line for line in head.split(b"\r\n") if line.startswith(b"Host:")]


def refusals(kind: str) -> list[Kind]:
    return [each for each in KINDS if getattr(each, kind).isdigit()]


MOST_REFUSALS = max(len(refusals(kind)) for kind in ("nginx", "apache"))


@each_kind
def test_it_becomes_what_the_page_says(front: Server, kind: str, asked: Kind) -> None:
    assert outcome(ask(front, asked.request), asked.request) == getattr(asked, kind)


BEFORE = (
    "",
    "/",
    "/.",
    "/x/..",
    "/%2e",
    "/x/%2E%2e",
    "/x%2f..",
    "\\",
    "/%5c..",
    "/%252e",
    "/static/..",
    "//x/..",
)
NAMES = ("/static/app.css", "/stati%63/app.css", "/static%2Fapp.css", "/static//app.css", "/STATIC/app.css")
AFTER = ("", "/", "/.", "/..", ".", "%20", "%00", ";x", "#x", "\\", "%2f..", "/x/..", "%3f")


@pytest.mark.parametrize("before", BEFORE)
def test_a_path_is_refused_or_reaches_the_app_as_it_was_sent_unless_it_is_the_files(
    front: Server, before: str
) -> None:
    for path in (f"{before}{name}{after}" for name in NAMES for after in AFTER):
        request = f"GET {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n".encode()
        expected = {FILE} if path == PUBLISHED else {APP, ONE_SLASH, "400", "404"}
        assert outcome(ask(front, request), request) in expected, path


def headers_of(answer: bytes) -> dict[str, str]:
    head = answer.partition(b"\r\n\r\n")[0].decode()
    return dict(line.split(": ", 1) for line in head.split("\r\n")[1:])


def told(server: Server, answer: bytes) -> dict[str, Any]:
    """Return the only line that the proxy writes about a refusal."""
    name = headers_of(answer)["X-Request-ID"]
    (line,) = wait_for(lambda: server.lines_with(request_id=name), "a line about the refusal")
    return line


@pytest.mark.parametrize("number", range(MOST_REFUSALS))
def test_a_refusal_is_a_problem_and_leaves_one_line_that_is_counted(
    front: Server, kind: str, number: int
) -> None:
    every = refusals(kind)
    asked = every[number % len(every)]  # one proxy refuses more than the other
    answer = ask(front, asked.request)
    headers, line = headers_of(answer), told(front, answer)
    problem = json.loads(answer.partition(b"\r\n\r\n")[2])
    status = int(getattr(asked, kind))
    assert headers["Content-Type"] == "application/problem+json"
    assert headers["Content-Security-Policy"] == "default-src 'none'"
    assert [(name, headers.get(name)) for name, _ in browser_security.HEADERS] == browser_security.HEADERS
    assert (problem["status"], line["status"]) == (status, status)
    assert problem["request_id"] == line["request_id"] == headers["X-Request-ID"]
    assert problem["title"]
    assert line["logger"] == "proxy.access"
    counted = [line[name] for name in ("Requests", "Responses4xx", "Responses5xx", "ShedRequests")]
    assert counted == [1, int(status < 500), int(status >= 500), 0]


def test_the_line_names_the_client_and_what_it_asked(front: Server) -> None:
    answer = ask(
        front,
        b"POST /a?secret=1 HTTP/1.1\r\nHost: a\r\nContent-Length: 100001\r\nUser-Agent: curl/8\r\n"
        b"X-Forwarded-For: 6.6.6.6, 203.0.113.7\r\nConnection: close\r\n"
        b"X-Amzn-Trace-Id: Root=1-67891233-abcdef012345678912345678\r\n\r\n",
    )
    line = told(front, answer)
    known = {name: line[name] for name in ("remote_addr", "method", "path", "user_agent", "trace_id")}
    assert known == {
        "remote_addr": "203.0.113.7",
        "method": "POST",
        "path": "/a",
        "user_agent": "curl/8",
        "trace_id": "1-67891233-abcdef012345678912345678",
    }


def test_no_client_can_break_the_line(front: Server) -> None:
    answer = ask(
        front,
        b'TRACE /a"}\\x\xff HTTP/1.1\r\nHost: a\r\nConnection: close\r\nUser-Agent: "\\\xff{}\x7f\r\n'
        b'X-Request-ID: "x"\r\nX-Forwarded-For: "x"\r\nX-Amzn-Trace-Id: Root="x"\r\n\r\n',
    )
    assert told(front, answer)["remote_addr"] == "127.0.0.1"


def test_the_line_is_in_the_embedded_metric_format(front: Server) -> None:
    answer = ask(front, b"TRACE / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
    line = told(front, answer)
    (directive,) = line["_aws"]["CloudWatchMetrics"]
    assert (directive["Namespace"], directive["Dimensions"]) == ("FlaskFargate", [["Environment"]])
    assert line["Environment"] == "test"
    assert all(isinstance(line[metric["Name"]], int) for metric in directive["Metrics"])
    assert isinstance(line["_aws"]["Timestamp"], int)
