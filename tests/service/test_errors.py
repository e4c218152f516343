"""Test that errors are problem details or pages, and tell a stranger nothing."""

import hashlib
import re
from base64 import b64encode
from pathlib import Path

import pytest
from flask import Flask, Response, abort, request
from flask.testing import FlaskClient
from jinja2 import DictLoader
from werkzeug.test import create_environ, run_wsgi_app

from service.kit.errors import PROBLEM, REQUEST_ID, problem


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


BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"


@pytest.mark.parametrize(
    "accept", [BROWSER, "text/html", "text/html, */*", "text/*", "application/*, text/html"]
)
@pytest.mark.parametrize("path", ["/missing", "/broken", "/teapot"])
def test_who_asks_for_html_gets_a_page_with_the_request_id(
    client: FlaskClient, path: str, accept: str
) -> None:
    response = client.get(path, headers={"Accept": accept, "X-Request-ID": "r-1"})
    assert response.content_type == "text/html; charset=utf-8"
    assert response.vary.as_set() == {"accept"}
    assert f"Error {response.status_code}, request r-1" in response.text


@pytest.mark.parametrize(
    "accept",
    [
        None,
        "",
        "*/*",
        "application/json",
        "application/json, text/plain, */*",
        "application/problem+json",
        "text/html;q=0.5, application/json",
        "text/html;q=0, */*",
        "image/png",
        "not a media type",
    ],
)
def test_all_others_get_a_problem(client: FlaskClient, accept: str | None) -> None:
    headers = {} if accept is None else {"Accept": accept}
    response = client.get("/missing", headers=headers)
    assert response.content_type == "application/problem+json"


def test_no_error_shows_what_the_visitor_has_sent(client: FlaskClient) -> None:
    sent = "<script>alert(1)</script>"
    for accept in ("text/html", "application/json"):
        headers = {"Accept": accept, "X-Request-ID": sent, "User-Agent": sent, "Referer": sent}
        assert "alert(1)" not in client.get(f"/{sent}?q={sent}", headers=headers).text


def test_a_description_of_the_app_is_shown_as_text(app: Flask) -> None:
    app.add_url_rule("/shown", "shown", view_func=lambda: abort(400, "no <b>name</b>"))
    page = app.test_client().get("/shown", headers={"Accept": "text/html"}).text
    assert "no &lt;b&gt;name&lt;/b&gt;" in page


def test_the_page_allows_itself_its_own_style_and_nothing_else(client: FlaskClient) -> None:
    response = client.get("/missing", headers={"Accept": "text/html"})
    style = re.search("<style>(.*)</style>", response.text)
    assert style
    digest = b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    (policy,) = response.headers.getlist("Content-Security-Policy")
    assert policy.startswith(f"default-src 'none'; style-src 'sha256-{digest}'; ")


def test_a_template_of_the_app_goes_before_the_kits_page(app: Flask) -> None:
    page = "{{ error.code }} {{ error.name }} {{ request_id }}"
    app.jinja_loader = DictLoader({"kit/error.html": page})
    client = app.test_client()
    headers = {"Accept": "text/html", "X-Request-ID": "r-1"}
    assert client.get("/missing", headers=headers).text == "404 Not Found r-1"
    assert client.get("/missing").content_type == "application/problem+json"


@pytest.mark.parametrize("page", ["{{ 1 / 0 }}", "{% extends 'gone.html' %}", "{% broken"])
def test_a_template_that_fails_is_logged_and_the_kits_page_shown(
    app: Flask, page: str, caplog: pytest.LogCaptureFixture
) -> None:
    app.jinja_loader = DictLoader({"kit/error.html": page})
    response = app.test_client().get("/missing", headers={"Accept": "text/html"})
    assert response.status_code == 404
    assert "Error 404" in response.text
    assert "kit/error.html cannot be shown" in caplog.text


def test_an_answer_that_the_app_gives_along_with_the_error_stays(app: Flask) -> None:
    own = Response("sign in first", 401)
    app.add_url_rule("/guarded", "guarded", view_func=lambda: abort(401, response=own))
    assert app.test_client().get("/guarded").text == "sign in first"


def test_a_description_need_not_be_a_string(app: Flask) -> None:
    app.add_url_rule("/fields", "fields", view_func=lambda: abort(400, {"name": Path("x")}))
    client = app.test_client()
    assert client.get("/fields").get_json(force=True)["detail"] == {"name": "x"}
    assert client.get("/fields", headers={"Accept": "text/html"}).status_code == 400


@pytest.mark.parametrize("status", [400, 405, 416, 500, 503, 507])
@pytest.mark.parametrize("accept", ["text/html", "*/*"])
def test_a_failure_outside_flask_has_the_same_form(status: int, accept: str) -> None:
    environ = {**create_environ(headers={"Accept": accept}), REQUEST_ID: "r-2"}
    response = run_wsgi_app(problem(status, environ, "It is so."), environ)
    body = b"".join(response[0])
    assert response[1].startswith(str(status))
    assert b"It is so." in body
    assert b"r-2" in body
    assert response[2]["Content-Type"].startswith("text/html" if accept == "text/html" else PROBLEM)
