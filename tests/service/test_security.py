"""Test the headers and cookies that browsers get, over http and over https."""

import pytest
from flask import Flask, Response, session
from flask.testing import FlaskClient

from service.kit import Settings
from tests.service.installed import installed

HTTPS = {"X-Forwarded-Proto": "https"}
SECRET = "a secret of more than 16 characters"


@pytest.fixture
def app() -> Flask:
    app = installed(
        Settings.model_validate(
            {"environment": "test", "version": "1", "proxy_hops": 1, "secret_key": SECRET}
        )
    )

    @app.get("/login")
    def login() -> str:
        session["user"] = "a"
        return ""

    @app.get("/own")
    def own() -> Response:
        headers = {"Content-Security-Policy": "default-src 'none'", "x-frame-options": "SAMEORIGIN"}
        response = Response("", headers=headers)
        response.set_cookie("theme", "dark")
        response.set_cookie("other", "1", secure=True)
        return response

    return app


@pytest.mark.parametrize("path", ["/version", "/missing", "/static/file.txt", "/login"])
@pytest.mark.parametrize(
    ("name", "start"),
    [
        ("Content-Security-Policy-Report-Only", "default-src 'self'"),
        ("X-Content-Type-Options", "nosniff"),
        ("X-Frame-Options", "DENY"),
        ("Referrer-Policy", "strict-origin"),
        ("Cross-Origin-Opener-Policy", "same-origin"),
        ("Permissions-Policy", "camera=()"),
    ],
)
def test_every_answer_has_the_header_once(client: FlaskClient, path: str, name: str, start: str) -> None:
    with client.get(path) as response:
        (only,) = response.headers.getlist(name)
    assert only.startswith(start)


@pytest.mark.parametrize(("wanted", "told"), [(True, "noindex"), (False, None)])
def test_search_engines_are_sent_away_where_asked(wanted: bool, told: str | None) -> None:
    settings = {"environment": "test", "version": "1", "proxy_hops": 1, "noindex": wanted}
    client = installed(Settings.model_validate(settings)).test_client()
    assert client.get("/missing").headers.get("X-Robots-Tag") == told


def test_a_header_that_the_app_sets_is_left_alone(client: FlaskClient) -> None:
    headers = client.get("/own").headers
    assert headers.getlist("Content-Security-Policy") == ["default-src 'none'"]
    assert headers.getlist("X-Frame-Options") == ["SAMEORIGIN"]


def test_only_https_answers_demand_https(client: FlaskClient) -> None:
    assert "Strict-Transport-Security" not in client.get("/version").headers
    assert client.get("/version", headers=HTTPS).headers["Strict-Transport-Security"] == "max-age=31536000"


def test_a_session_cookie_is_hidden_from_scripts_and_other_sites(client: FlaskClient) -> None:
    (cookie,) = client.get("/login").headers.getlist("Set-Cookie")
    assert {"HttpOnly", "SameSite=Lax"} <= set(cookie.split("; "))
    assert "Secure" not in cookie


def test_every_cookie_set_over_https_stays_on_https(client: FlaskClient) -> None:
    for path in ("/login", "/own"):
        for cookie in client.get(path, headers=HTTPS).headers.getlist("Set-Cookie"):
            assert cookie.split("; ").count("Secure") == 1


def test_no_header_names_a_version(client: FlaskClient) -> None:
    assert "Server" not in client.get("/version").headers, "Gunicorn's own says gunicorn and no more"
