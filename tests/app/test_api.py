"""Yours: test that the API answers as its document says."""

import json
import time

import pytest
from flask.testing import FlaskClient

from service import create_app
from service.app import faults
from service.app.settings import Settings

OPENAPI = "/api/v1/openapi.json"


def test_echo_says_the_message_back(client: FlaskClient) -> None:
    assert client.post("/api/v1/echo", json={"message": "hé"}).get_json() == {"message": "hé"}


@pytest.mark.parametrize(
    ("body", "kind", "status", "detail"),
    [
        (b"{}", "application/json", 422, "message: Field required"),
        (b'{"message": 7}', "application/json", 422, "message: Input should be a valid string"),
        (b"{", "application/json", 400, "could not understand"),
        (b'{"message": "x"}', "text/plain", 415, "Content-Type was not 'application/json'"),
        (b'{"message": "x"}', "multipart/form-data", 415, "Content-Type was not 'application/json'"),
    ],
)
def test_a_wrong_body_is_a_problem_that_says_what_is_wrong(
    client: FlaskClient, body: bytes, kind: str, status: int, detail: str
) -> None:
    response = client.post("/api/v1/echo", data=body, content_type=kind)
    assert (response.status_code, response.content_type) == (status, "application/problem+json")
    assert detail in response.get_json(force=True)["detail"]


@pytest.mark.parametrize("code", [400, 418, 499, 503, 599])
def test_status_answers_with_the_error_asked_for(client: FlaskClient, code: int) -> None:
    response = client.get(f"/api/v1/status/{code}")
    assert (response.status_code, response.get_json(force=True)["status"]) == (code, code)


@pytest.mark.parametrize(
    "path", ["status/200", "status/600", "delay/31", "cpu/2001", "stream/0", "stream/1001"]
)
def test_what_is_out_of_bounds_does_not_exist(client: FlaskClient, path: str) -> None:
    assert client.get(f"/api/v1/{path}").status_code == 404


@pytest.mark.parametrize("path", ["info", "headers", "delay/0", "cpu/0", "stream/1", "openapi.json"])
def test_head_has_the_status_of_get_and_no_body(client: FlaskClient, path: str) -> None:
    response = client.head(f"/api/v1/{path}")
    assert (response.status_code, response.data) == (200, b"")


def test_cpu_works_as_long_as_asked(client: FlaskClient) -> None:
    before = time.thread_time()
    assert client.get("/api/v1/cpu/20").get_json() == {"seconds": 0.02, "version": "abc123"}
    assert time.thread_time() - before >= 0.02


def test_delay_tells_how_long_it_waited(client: FlaskClient) -> None:
    assert client.get("/api/v1/delay/0").get_json() == {"seconds": 0, "version": "abc123"}


def test_stream_sends_each_line_by_itself(client: FlaskClient) -> None:
    chunks = client.get("/api/v1/stream/3").iter_encoded()
    assert [json.loads(chunk) for chunk in chunks] == [{"line": 0}, {"line": 1}, {"line": 2}]


def test_headers_shows_what_arrives_but_no_secrets(client: FlaskClient) -> None:
    client.set_cookie("session", "hunter2")
    given = client.get("/api/v1/headers", headers={"Authorization": "Bearer hunter2", "X-Team": "a"})
    shown = given.get_json()["headers"]
    assert (shown["X-Team"], shown["Authorization"], shown["Cookie"]) == ("a", "***", "***")


def test_the_document_names_every_operation_once(client: FlaskClient) -> None:
    document = client.get(OPENAPI).get_json()
    names = [each["operationId"] for path in document["paths"].values() for each in path.values()]
    assert document["openapi"].startswith("3.1")
    assert sorted(names) == sorted(set(names))
    assert {"get_info", "post_echo", "put_faults"} <= set(names)


def test_faults_are_refused_unless_the_environment_allows_them(client: FlaskClient) -> None:
    for method, path in (("PUT", "faults"), ("POST", "faults/crash")):
        response = client.open(f"/api/v1/{path}", method=method, json={})
        assert response.status_code == 403
        assert "Set FAULTS=1" in response.get_json(force=True)["detail"]


def test_faults_where_allowed_break_answers_until_they_are_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(faults, "_now", faults.Faults())
    client = create_app(Settings(environment="test", version="1", proxy_hops=0, faults=True)).test_client()
    assert client.put("/api/v1/faults", json={"error_percent": 100, "leaked_mib": 1}).status_code == 200
    assert client.get("/api/v1/info").status_code == 500
    assert client.get("/healthz").status_code == 200
    assert client.put("/api/v1/faults", json={}).status_code == 200
    assert client.get("/api/v1/info").status_code == 200
