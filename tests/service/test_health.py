"""Test the three health paths: for the load balancer, for alarms and for people."""

import sys
import tempfile
import threading
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pydantic import SecretStr

from service.kit import Settings, readiness, register_check
from tests.service.installed import installed


def unreachable() -> None:
    raise ConnectionError("db.internal:5432 refused user admin")


@pytest.mark.parametrize("host", ["10.0.1.7:8000", "evil.example", "a b<script>", ""])
def test_healthz_answers_any_host(settings: Settings, host: str) -> None:
    guarded = installed(settings.model_copy(update={"trusted_hosts": ("example.com",)})).test_client()
    assert guarded.get("/healthz", headers={"Host": host}).status_code == 200
    assert guarded.get("/", headers={"Host": host}).status_code == 400
    assert guarded.get("/", headers={"Host": "example.com"}).status_code == 200


def test_the_health_check_is_answered_where_the_variable_says(settings: Settings) -> None:
    client = installed(settings.model_copy(update={"health_path": "/up"})).test_client()
    assert client.get("/up").status_code == 200
    assert client.get("/healthz").status_code == 404


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
    assert response.get_json()["checks"] == {"database": "ok", "queue": "failed", "cache": "ok"}


def test_many_probes_ask_a_backend_once(app: Flask) -> None:
    asked: list[int] = []
    register_check(app, "database", lambda: asked.append(1))
    for _ in range(20):
        assert app.test_client().get("/readyz").status_code == 200
    assert len(asked) == 1


def test_a_result_is_asked_for_again_when_it_is_old(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readiness, "FRESH_S", 0)
    answers = iter([True, False])
    register_check(app, "database", lambda: next(answers))
    assert app.test_client().get("/readyz").get_json()["status"] == "ready"
    assert app.test_client().get("/readyz").get_json()["status"] == "not ready"


def test_until_its_checks_pass_for_the_first_time_the_app_is_starting(app: Flask) -> None:
    register_check(app, "database", lambda: False)
    assert app.test_client().get("/readyz").get_json()["status"] == "starting"


def test_a_check_that_hangs_is_cut_off_and_not_asked_again(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(readiness, "FRESH_S", 0)
    hangs = threading.Event()
    asked: list[int] = []

    def check() -> None:
        asked.append(1)
        hangs.wait(30)

    register_check(app, "database", check, timeout_s=0.01)
    try:
        for _ in range(3):
            response = app.test_client().get("/readyz")
            assert (response.status_code, response.get_json()["checks"]) == (503, {"database": "timed out"})
        assert len(asked) == 1
    finally:
        hangs.set()


def test_a_check_that_runs_into_a_timeout_of_its_own_has_failed(app: Flask) -> None:
    def times_out() -> None:
        raise TimeoutError("no answer")

    register_check(app, "database", times_out)
    assert app.test_client().get("/readyz").get_json()["checks"] == {"database": "failed"}


def test_readyz_fails_while_the_worker_stops_and_healthz_does_not(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    stopping = threading.Event()
    stopping.set()
    monkeypatch.setattr(sys.modules["service.kit.slots"], "stopping", stopping)
    response = client.get("/readyz")
    assert (response.status_code, response.get_json()["status"]) == (503, "stopping")
    assert client.get("/healthz").status_code == 200


TOKEN = "correct horse battery"


@pytest.fixture
def drilled(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FlaskClient:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return installed(settings.model_copy(update={"drill_token": SecretStr(TOKEN)})).test_client()


def test_a_drill_makes_readyz_fail_until_it_ends(drilled: FlaskClient) -> None:
    authorised = {"Authorization": f"Bearer {TOKEN}"}
    assert drilled.put("/readyz/drill", headers=authorised).status_code == 204
    response = drilled.get("/readyz")
    assert (response.status_code, response.get_json()["status"]) == (503, "drill")
    assert drilled.get("/healthz").status_code == 200
    assert drilled.delete("/readyz/drill", headers=authorised).status_code == 204
    assert drilled.get("/readyz").status_code == 200


def test_a_forgotten_drill_ends_by_itself(drilled: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    drilled.put("/readyz/drill", headers={"Authorization": f"Bearer {TOKEN}"})
    monkeypatch.setattr(readiness, "DRILL_S", 0)
    assert drilled.get("/readyz").status_code == 200


@pytest.mark.parametrize("given", ["", TOKEN, f"Bearer {TOKEN}x", "Bearer ", "Bearer \u00e9"])
def test_a_drill_needs_the_token(drilled: FlaskClient, given: str) -> None:
    assert drilled.put("/readyz/drill", headers={"Authorization": given}).status_code == 401
    assert drilled.get("/readyz").status_code == 200


def test_without_a_token_there_are_no_drills(client: FlaskClient) -> None:
    assert client.put("/readyz/drill", headers={"Authorization": "Bearer None"}).status_code == 404


def test_readyz_logs_an_exception_and_does_not_show_it(app: Flask, caplog: pytest.LogCaptureFixture) -> None:
    register_check(app, "database", unreachable)
    response = app.test_client().get("/readyz")
    assert response.status_code == 503
    assert b"admin" not in response.data
    (record,) = [record for record in caplog.records if record.name == "service.kit.readiness"]
    assert record.__dict__["check"] == "database"
    assert record.exc_info


def test_a_check_name_is_used_once(app: Flask) -> None:
    register_check(app, "database", unreachable)
    with pytest.raises(ValueError, match="'database' is already registered"):
        register_check(app, "database", unreachable)


def test_version_tells_what_is_deployed(client: FlaskClient) -> None:
    assert client.get("/version").json == {"version": "abc123", "environment": "test"}


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/version"])
def test_health_answers_are_never_cached(client: FlaskClient, path: str) -> None:
    assert client.get(path).headers["Cache-Control"] == "no-store"
