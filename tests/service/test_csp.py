"""Test that the content security policy breaks no app, and that its reports can do no harm."""

import json
import logging
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask, Response
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from service.kit import Settings, csp_reports, init_app

ENFORCED, REPORTED = "Content-Security-Policy", "Content-Security-Policy-Report-Only"
HTTPS = {"X-Forwarded-Proto": "https"}
Make = Callable[..., FlaskClient]


def client(app: Flask | None = None, **settings: Any) -> FlaskClient:
    app = app or Flask(__name__)
    app.add_url_rule("/", "index", lambda: "page")
    given = {"environment": "test", "version": "1", "proxy_hops": 1, **settings}
    init_app(app, Settings.model_validate(given))
    return app.test_client()


def old(blocked: str = "inline", /, **changes: Any) -> dict[str, Any]:
    """Return a report as report-uri sends it."""
    body = {"document-uri": "http://localhost/a", "effective-directive": "script-src", "blocked-uri": blocked}
    return {"csp-report": {**body, **changes}}


def new(blocked: str = "inline", **changes: Any) -> dict[str, Any]:
    """Return a report as the Reporting API sends it."""
    body = {"documentURL": "http://localhost/a", "effectiveDirective": "script-src", "blockedURL": blocked}
    return {"type": "csp-violation", "age": 1, "url": "http://localhost/a", "body": {**body, **changes}}


def send(to: FlaskClient, report: object, kind: str = "application/csp-report", **more: Any) -> TestResponse:
    return to.post(csp_reports.PATH, data=json.dumps(report), content_type=kind, **more)


@pytest.fixture
def logged(caplog: pytest.LogCaptureFixture) -> Callable[[], list[tuple[str, str, str]]]:
    caplog.set_level(logging.INFO)

    def found() -> list[tuple[str, str, str]]:
        records = [record.__dict__ for record in caplog.records if record.name == csp_reports.log.name]
        return [(record["directive"], record["source"], record["page"]) for record in records]

    return found


def test_by_default_the_policy_is_only_reported() -> None:
    headers = client().get("/").headers
    assert ENFORCED not in headers
    assert headers[REPORTED].startswith("default-src 'self'; ")
    assert headers[REPORTED].endswith("; report-uri /-/csp-reports")


def test_one_setting_enforces_it_and_one_turns_it_off() -> None:
    enforced, off = client(csp="enforce").get("/").headers, client(csp="off").get("/").headers
    assert REPORTED not in enforced
    assert enforced[ENFORCED].endswith("; report-uri /-/csp-reports")
    assert {ENFORCED, REPORTED}.isdisjoint(off.keys())


def test_over_https_reports_go_both_ways() -> None:
    headers = client().get("/", headers=HTTPS).headers
    assert headers[REPORTED].endswith("; report-uri /-/csp-reports; report-to csp")
    assert headers["Reporting-Endpoints"] == 'csp="/-/csp-reports"'


def test_the_policy_is_a_setting() -> None:
    headers = client(content_security_policy="default-src 'none'; ").get("/").headers
    assert headers[REPORTED] == "default-src 'none'; report-uri /-/csp-reports"


@pytest.mark.parametrize("csp", ["report", "enforce"])
@pytest.mark.parametrize("name", [ENFORCED, REPORTED])
def test_a_policy_of_the_app_stands_for_itself(csp: str, name: str) -> None:
    app = Flask(__name__)
    app.after_request(lambda response: _with(response, name))
    headers = client(app, csp=csp).get("/").headers
    assert [(key, value) for key, value in headers if key in (ENFORCED, REPORTED)] == [(name, "img-src *")]


def _with(response: Response, name: str) -> Response:
    response.headers[name] = "img-src *"
    return response


@pytest.mark.parametrize(
    ("report", "kind"),
    [
        (old(), "application/csp-report"),
        ([new()], "application/reports+json"),
        (new(), "application/reports+json; a=b"),
    ],
)
def test_a_violation_is_one_line(report: object, kind: str, logged: Callable[[], object]) -> None:
    answer = send(client(), report, kind)
    assert (answer.status_code, answer.data) == (204, b"")
    assert logged() == [("script-src", "inline", "/a")]


@pytest.mark.parametrize(
    ("blocked", "source"),
    [
        ("https://cdn.example.com/a.js?key=hunter2", "https://cdn.example.com"),
        ("https://CDN.example.com:8443/a", "https://cdn.example.com:8443"),
        ("http://localhost/secret", "self"),
        ("wss://chat.example.com/x", "wss://chat.example.com"),
        ("eval", "eval"),
        ("wasm-eval", "wasm-eval"),
        ("data", "data"),
        ("data:image/png;base64,AAAA", "data"),
        ("blob:http://localhost/1", "blob"),
    ],
)
def test_of_an_address_the_origin_is_kept(blocked: str, source: str, logged: Callable[[], object]) -> None:
    send(client(), old(blocked))
    assert logged() == [("script-src", source, "/a")]


@pytest.mark.parametrize(
    "report",
    [
        old("chrome-extension://abcdef/x.js"),
        old("https://user:password@evil.com/"),
        old("https://evil.com\n{}"),
        old("https://[::1"),
        old("javascript:alert(1)"),
        old(""),
        old(**{"effective-directive": "script-src; script-src *"}),
        old(**{"effective-directive": "sandbox"}),
        old("inline", **{"effective-directive": 7}),
        old(**{"document-uri": "http://another.example/a"}),
        {"csp-report": []},
        {"csp-report": None},
        {},
        [],
        [[]],
        7,
        None,
    ],
)
def test_what_is_no_violation_on_a_page_of_the_app_is_dropped(
    report: object, logged: Callable[[], object]
) -> None:
    assert send(client(), report).status_code == 204
    assert logged() == []


def test_a_path_of_another_form_is_not_logged(logged: Callable[[], object]) -> None:
    to = client()
    send(to, old(**{"document-uri": "http://localhost/a b\x1b[2J"}))
    send(to, old(**{"document-uri": "http://localhost/" + "x" * 300}))
    assert logged() == [("script-src", "inline", "(another path)")]


def test_a_query_is_not_logged(logged: Callable[[], object]) -> None:
    send(client(), old(**{"document-uri": "http://localhost/a?token=hunter2#hunter2"}))
    assert logged() == [("script-src", "inline", "/a")]


def test_the_same_violation_is_one_line_an_hour(
    logged: Callable[[], list[object]], monkeypatch: pytest.MonkeyPatch
) -> None:
    to = client()
    for _ in range(5):
        send(to, old())
    assert len(logged()) == 1
    monkeypatch.setattr(csp_reports, "HOUR_S", 0.0)
    to = client()
    for _ in range(2):
        send(to, old())
    assert len(logged()) == 3


def test_a_flood_of_different_reports_is_bounded(logged: Callable[[], list[object]]) -> None:
    to = client()
    for number in range(30):
        send(to, [new(f"https://{number}-{each}.example") for each in range(50)], "application/reports+json")
    assert len(logged()) == csp_reports.MOST_LINES


@pytest.mark.parametrize(
    ("method", "kind", "body", "status"),
    [
        ("GET", "application/csp-report", b"", 405),
        ("PUT", "application/csp-report", b"{}", 405),
        ("POST", "text/plain", b"{}", 415),
        ("POST", "application/json", b"{}", 415),
        ("POST", "application/csp-report", b"x" * (csp_reports.MOST_BYTES + 1), 413),
        ("POST", "application/csp-report", b"{", 400),
        ("POST", "application/csp-report", b"[" * 16_000, 400),
        ("POST", "application/csp-report", b"\xff", 400),
    ],
)
def test_another_request_is_refused_without_a_body(method: str, kind: str, body: bytes, status: int) -> None:
    answer = client().open(csp_reports.PATH, method=method, data=body, content_type=kind)
    assert (answer.status_code, answer.data) == (status, b"")


def test_a_report_without_a_length_is_refused() -> None:
    answer = send(client(), old(), environ_overrides={"CONTENT_LENGTH": ""})
    assert answer.status_code == 411


def test_the_path_is_never_one_of_the_apps() -> None:
    app = Flask(__name__)
    app.add_url_rule(csp_reports.PATH, "mine", lambda: "mine")
    to = client(app)
    assert to.get(csp_reports.PATH).text == "mine"
    assert to.get("/").headers[REPORTED].endswith(f"; report-uri {csp_reports.PATH}-")
