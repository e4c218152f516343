"""Test the request id and the access line."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask, request
from flask.testing import FlaskClient
from structlog.contextvars import get_contextvars

from service.kit import access_log, register_check, stdout, terminal

Lines = Callable[[], list[dict[str, Any]]]

PARENT = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
TRACE = "Self=1-2-3;Root=1-67891233-abcdef012345678912345678;Sampled=1"


def test_request_id_of_the_caller_is_kept(client: FlaskClient) -> None:
    assert client.get("/version", headers={"X-Request-ID": "a.B_9/+="}).headers["X-Request-ID"] == "a.B_9/+="


def test_request_id_is_the_trace_root_otherwise(client: FlaskClient) -> None:
    response = client.get("/version", headers={"X-Amzn-Trace-Id": TRACE})
    assert response.headers["X-Request-ID"] == "1-67891233-abcdef012345678912345678"


def test_request_id_is_the_w3c_trace_before_the_load_balancers(client: FlaskClient) -> None:
    headers = {"X-Amzn-Trace-Id": TRACE, "traceparent": PARENT}
    made = client.get("/version", headers=headers).headers["X-Request-ID"]
    assert made == "4bf92f3577b34da6a3ce929d0e0e4736"


@pytest.mark.parametrize("bad", ["", "with space", '"quoted"', "{json}", "é", "x" * 129])
def test_request_id_of_other_characters_or_length_is_replaced(client: FlaskClient, bad: str) -> None:
    made = client.get("/version", headers={"X-Request-ID": bad}).headers["X-Request-ID"]
    assert len(made) == 32
    assert made.isalnum()


def test_each_request_gets_its_own_id(client: FlaskClient) -> None:
    assert client.get("/version").headers["X-Request-ID"] != client.get("/version").headers["X-Request-ID"]


def test_request_id_ends_with_the_request(client: FlaskClient) -> None:
    client.get("/version").close()
    assert get_contextvars() == {}


def test_request_id_lasts_while_the_body_streams(app: Flask) -> None:
    def body() -> Iterator[str]:
        yield str(get_contextvars().get("request_id"))

    app.add_url_rule("/stream", view_func=body)
    assert app.test_client().get("/stream", headers={"X-Request-ID": "r-7"}).text == "r-7"


@pytest.fixture
def lines(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Lines:
    """Return the access lines written so far."""
    monkeypatch.setattr(access_log, "_render", access_log.as_json)
    return lambda: [json.loads(line) for line in capfd.readouterr().out.splitlines()]


def test_access_line_tells_what_was_asked_and_answered(client: FlaskClient, lines: Lines) -> None:
    headers = {"User-Agent": "curl/8", "X-Forwarded-For": "203.0.113.9", "X-Request-ID": "r-1"}
    client.get("/version", headers=headers | {"traceparent": PARENT}).close()
    (line,) = lines()
    assert line.pop("duration_ms") >= 0
    assert line.pop("timestamp").endswith("Z")
    assert line == {
        "level": "info",
        "logger": "service.access",
        "message": "request",
        "request_id": "r-1",
        "trace_id": "4bf92f3577b34da6a3ce929d0e0e4736",
        "method": "GET",
        "route": "/version",
        "path": "/version",
        "status": 200,
        "response_bytes": 42,
        "remote_addr": "203.0.113.9",
        "user_agent": "curl/8",
    }


def test_access_line_names_the_rule_and_not_only_the_path(app: Flask, lines: Lines) -> None:
    app.add_url_rule("/orders/<int:number>", view_func=lambda number: f"order {number}")
    app.test_client().get("/orders/7").close()
    (line,) = lines()
    assert (line["route"], line["path"]) == ("/orders/<int:number>", "/orders/7")


def test_access_line_has_the_path_that_was_asked_for(app: Flask, lines: Lines) -> None:
    app.add_url_rule("/shop/orders", view_func=lambda: request.environ.update(PATH_INFO="/orders") or "ok")
    app.test_client().get("/shop/orders").close()
    assert [line["path"] for line in lines()] == ["/shop/orders"]


def test_access_line_names_no_route_where_none_matched(client: FlaskClient, lines: Lines) -> None:
    client.get("/missing").close()
    assert [(line["route"], line["status"]) for line in lines()] == [(None, 404)]


def test_access_line_counts_the_bytes_of_a_stream(app: Flask, lines: Lines) -> None:
    app.add_url_rule("/stream", view_func=lambda: iter(["abc", "de"]))
    app.test_client().get("/stream", buffered=True)
    assert [line["response_bytes"] for line in lines()] == [5]


def test_access_line_has_no_query_string(client: FlaskClient, lines: Lines) -> None:
    client.get("/version?token=hunter2").close()
    assert "hunter2" not in str(lines())


@pytest.mark.parametrize("text", ['"', "\\", "\r\n{}", "\x1b[2J", "\x00", "é", "\u2028", "日本"])
def test_access_line_cannot_be_forged(client: FlaskClient, lines: Lines, text: str) -> None:
    # The client library would refuse what a socket may carry.
    client.get(
        "/x", environ_overrides={"PATH_INFO": f"/{text}".encode().decode("latin-1"), "HTTP_USER_AGENT": text}
    ).close()
    (line,) = lines()
    assert (line["path"], line["user_agent"]) == (f"/{text}", text)


@pytest.mark.usefixtures("lines")
def test_access_line_is_ascii_so_that_no_viewer_acts_on_it(
    client: FlaskClient, capfd: pytest.CaptureFixture[str]
) -> None:
    client.get("/x", environ_overrides={"HTTP_USER_AGENT": "\x1b[31m\x9b\u202e\r\n"}).close()
    (line,) = capfd.readouterr().out.splitlines()
    assert line.isascii()
    assert line.isprintable()


def test_a_terminal_gets_a_short_line_that_cannot_move_its_cursor(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(access_log, "_render", terminal.access_line)
    client.get("/x", environ_overrides={"PATH_INFO": "/a\x1b[2J\r\nb"}).close()
    (line,) = capfd.readouterr().out.splitlines()
    assert "\x1b[33m404\x1b[0m GET /a\\x1b[2J\\r\\nb " in line


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_health_checks_that_pass_are_not_logged(client: FlaskClient, lines: Lines, path: str) -> None:
    client.get(path).close()
    assert lines() == []


def test_health_checks_that_fail_are_logged(app: Flask, lines: Lines) -> None:
    register_check(app, "database", lambda: False)
    app.test_client().get("/readyz").close()
    assert [line["status"] for line in lines()] == [503]


def test_a_request_that_breaks_the_app_is_logged_as_500(app: Flask, lines: Lines) -> None:
    app.add_url_rule("/broken", view_func=lambda: str(1 / 0))
    app.testing = True  # Flask then lets exceptions through, as a broken error handler would
    with pytest.raises(ZeroDivisionError):
        app.test_client().get("/broken")
    assert [line["status"] for line in lines()] == [500]
    assert get_contextvars() == {}


def test_a_log_that_cannot_be_written_breaks_no_answer(
    client: FlaskClient, lines: Lines, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stdout, "STDOUT", -1)
    assert client.get("/version").status_code == 200
    assert lines() == []
