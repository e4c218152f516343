"""The request id and the access line."""

from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from structlog.contextvars import get_contextvars
from structlog.testing import capture_logs

from service.health import register_check

TRACE = "Self=1-2-3;Root=1-67891233-abcdef012345678912345678;Sampled=1"


def test_request_id_of_the_caller_is_kept(client: FlaskClient) -> None:
    assert client.get("/version", headers={"X-Request-ID": "a.B_9/+="}).headers["X-Request-ID"] == "a.B_9/+="


def test_request_id_is_the_trace_root_otherwise(client: FlaskClient) -> None:
    response = client.get("/version", headers={"X-Amzn-Trace-Id": TRACE})
    assert response.headers["X-Request-ID"] == "1-67891233-abcdef012345678912345678"


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


def test_access_line_tells_what_was_asked_and_answered(client: FlaskClient) -> None:
    with capture_logs() as lines:
        client.get("/version", headers={"User-Agent": "curl/8", "X-Forwarded-For": "203.0.113.9"}).close()
    (line,) = lines
    assert line.pop("duration_ms") >= 0
    assert line == {
        "event": "request",
        "log_level": "info",
        "method": "GET",
        "path": "/version",
        "status": 200,
        "response_bytes": 42,
        "remote_addr": "203.0.113.9",
        "user_agent": "curl/8",
    }


def test_access_line_has_no_query_string(client: FlaskClient) -> None:
    with capture_logs() as lines:
        client.get("/version?token=hunter2").close()
    assert "hunter2" not in str(lines)


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_health_checks_that_pass_are_not_logged(client: FlaskClient, path: str) -> None:
    with capture_logs() as lines:
        client.get(path).close()
    assert lines == []


def test_health_checks_that_fail_are_logged(app: Flask) -> None:
    register_check(app, "database", lambda: False)
    with capture_logs() as lines:
        app.test_client().get("/readyz").close()
    assert [line["status"] for line in lines] == [503]


def test_a_request_that_breaks_the_app_is_logged_as_500(app: Flask) -> None:
    app.add_url_rule("/boom", view_func=lambda: str(1 / 0))
    app.testing = True  # Flask then lets exceptions through, as a broken error handler would
    with capture_logs() as lines, pytest.raises(ZeroDivisionError):
        app.test_client().get("/boom")
    assert [line["status"] for line in lines] == [500]
    assert get_contextvars() == {}


def test_browsers_are_told_not_to_guess_types(client: FlaskClient) -> None:
    assert client.get("/missing").headers["X-Content-Type-Options"] == "nosniff"
