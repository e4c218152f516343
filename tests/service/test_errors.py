"""Test that errors are problem details, and tell a stranger nothing."""

import pytest
from flask import Flask, abort, request
from flask.testing import FlaskClient


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    app.add_url_rule("/broken", "broken", view_func=lambda: str(1 / 0))
    app.add_url_rule("/teapot", "teapot", view_func=lambda: abort(418, "short and stout"))
    app.add_url_rule("/body", "body", view_func=lambda: str(len(request.get_data())), methods=["POST"])
    app.add_url_rule("/folder/", "folder", view_func=lambda: "")
    return app.test_client()


@pytest.mark.parametrize(
    ("method", "path", "status", "title"),
    [
        ("GET", "/missing", 404, "Not Found"),
        ("DELETE", "/version", 405, "Method Not Allowed"),
        ("GET", "/teapot", 418, "I'm a teapot"),
        ("GET", "/broken", 500, "Internal Server Error"),
    ],
)
def test_errors_are_problem_details(
    client: FlaskClient, method: str, path: str, status: int, title: str
) -> None:
    response = client.open(path, method=method, headers={"X-Request-ID": "r-1"})
    problem = response.get_json(force=True)
    assert response.status_code == status
    assert response.content_type == "application/problem+json"
    assert (problem["type"], problem["status"], problem["title"]) == ("about:blank", status, title)
    assert problem["request_id"] == "r-1" == response.headers["X-Request-ID"]


def test_405_keeps_allow(client: FlaskClient) -> None:
    assert set(client.delete("/version").headers["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS"}


def test_413_when_the_body_is_above_the_limit(app: Flask, client: FlaskClient) -> None:
    app.config["MAX_CONTENT_LENGTH"] = 10
    response = client.post("/body", data=b"x" * 11)
    assert (response.status_code, response.content_type) == (413, "application/problem+json")


def test_abort_keeps_its_description(client: FlaskClient) -> None:
    assert client.get("/teapot").get_json(force=True)["detail"] == "short and stout"


def test_an_unhandled_exception_is_not_shown(client: FlaskClient) -> None:
    assert b"ZeroDivisionError" not in client.get("/broken").data
    assert b"division" not in client.get("/broken").data


def test_an_unhandled_exception_is_logged_once_with_its_stack(
    client: FlaskClient, caplog: pytest.LogCaptureFixture
) -> None:
    client.get("/broken")
    errors = [record for record in caplog.records if record.levelname == "ERROR"]
    assert len(errors) == 1
    assert errors[0].exc_info is not None


def test_redirects_stay_redirects(client: FlaskClient) -> None:
    response = client.get("/folder")
    assert (response.status_code, response.headers["Location"]) == (308, "http://localhost/folder/")
