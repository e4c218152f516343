"""The three health paths, each for its audience."""

import pytest
from flask import Flask
from flask.testing import FlaskClient
from structlog.testing import capture_logs

from service import create_app
from service.health import register_check
from service.settings import Settings


def unreachable() -> None:
    raise ConnectionError("db.internal:5432 refused user admin")


@pytest.mark.parametrize("host", ["10.0.1.7:8000", "evil.example", "a b<script>", ""])
def test_healthz_answers_any_host(settings: Settings, host: str) -> None:
    guarded = create_app(settings.model_copy(update={"trusted_hosts": ("example.com",)})).test_client()
    assert guarded.get("/healthz", headers={"Host": host}).status_code == 200
    assert guarded.get("/version", headers={"Host": host}).status_code == 400
    assert guarded.get("/version", headers={"Host": "example.com"}).status_code == 200


def test_healthz_answers_head_without_a_body(client: FlaskClient) -> None:
    response = client.head("/healthz")
    assert (response.status_code, response.data) == (200, b"")


def test_healthz_answers_only_reads(client: FlaskClient) -> None:
    assert client.post("/healthz").status_code == 404


def test_healthz_runs_no_check(app: Flask) -> None:
    register_check(app, "database", unreachable)
    assert app.test_client().get("/healthz").status_code == 200


def test_readyz_is_200_without_checks(client: FlaskClient) -> None:
    response = client.get("/readyz")
    assert (response.status_code, response.json) == (200, {"status": "ready", "checks": {}})


def test_readyz_runs_every_check(app: Flask) -> None:
    register_check(app, "database", lambda: None)
    register_check(app, "queue", lambda: False)
    register_check(app, "cache", lambda: True)
    response = app.test_client().get("/readyz")
    assert response.status_code == 503
    assert response.json == {
        "status": "not ready",
        "checks": {"database": "ok", "queue": "failed", "cache": "ok"},
    }


def test_readyz_logs_an_exception_and_does_not_show_it(app: Flask) -> None:
    register_check(app, "database", unreachable)
    with capture_logs() as logged:
        response = app.test_client().get("/readyz")
    assert response.status_code == 503
    assert b"admin" not in response.data
    assert [(line["check"], line["exc_info"]) for line in logged if "check" in line] == [("database", True)]


def test_a_check_name_is_used_once(app: Flask) -> None:
    register_check(app, "database", unreachable)
    with pytest.raises(ValueError, match="'database' is already registered"):
        register_check(app, "database", unreachable)


def test_version_tells_what_is_deployed(client: FlaskClient) -> None:
    assert client.get("/version").json == {"version": "abc123", "environment": "test"}


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/version"])
def test_health_answers_are_never_cached(client: FlaskClient, path: str) -> None:
    assert client.get(path).headers["Cache-Control"] == "no-store"
