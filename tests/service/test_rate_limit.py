"""Test that RATE_LIMIT limits each client, and that there is no limit without it."""

import subprocess
import sys
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from service.kit import Settings
from tests.service.installed import installed


@pytest.fixture
def limited() -> FlaskClient:
    return installed(
        Settings(environment="test", version="1", proxy_hops=1, rate_limit="3 per minute")
    ).test_client()


def statuses(client: FlaskClient, path: str, address: str, times: int = 4) -> list[int]:
    return [client.get(path, headers={"X-Forwarded-For": address}).status_code for _ in range(times)]


def test_a_client_above_the_limit_gets_429_and_when_to_come_again(limited: FlaskClient) -> None:
    assert statuses(limited, "/work", "203.0.113.1") == [200, 200, 200, 429]
    response = limited.get("/", headers={"X-Forwarded-For": "203.0.113.1"})
    assert (response.status_code, response.content_type) == (429, "application/problem+json")
    assert 0 < int(response.headers["Retry-After"]) <= 60


def test_another_client_is_not_affected(limited: FlaskClient) -> None:
    assert statuses(limited, "/", "203.0.113.1")[-1] == 429
    assert statuses(limited, "/", "203.0.113.2", 3) == [200, 200, 200]


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/version"])
def test_health_is_not_limited(limited: FlaskClient, path: str) -> None:
    assert statuses(limited, path, "203.0.113.3", 5) == [200] * 5


def test_there_is_no_limit_by_default(client: FlaskClient) -> None:
    assert set(statuses(client, "/", "203.0.113.1", 50)) == {200}


def test_a_storage_that_is_down_lets_requests_through(monkeypatch: pytest.MonkeyPatch) -> None:
    def down(*_: object, **__: object) -> None:
        raise ConnectionError("storage is down")

    monkeypatch.setattr("limits.storage.MemoryStorage.incr", down)
    given = Settings(environment="test", version="1", proxy_hops=1, rate_limit="1/minute")
    assert statuses(installed(given).test_client(), "/", "203.0.113.1", 3) == [200] * 3


def test_options_that_are_off_are_not_imported(variables: dict[str, str], checkout: Path) -> None:
    code = "import service, sys; service.create_app(); print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", code], cwd=checkout, env=variables, capture_output=True, text=True, check=True
    ).stdout.split()
    assert "flask" in loaded
    assert not {"flask_limiter", "limits", "prometheus_client", "opentelemetry"} & {*loaded}
