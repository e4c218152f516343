"""Test that a broken release never takes traffic, says why, and leaves the old version serving."""

from pathlib import Path
from typing import Any

import pytest

from tests.local_cloud.conftest import Dev
from tests.local_cloud.release import Edit, resource, version, web
from tools.causes import CAUSES

_IMPORT = "raise RuntimeError('broken at import')"
_HEALTH = """
_create_app = create_app
def create_app(*args, **kwargs):
    app = _create_app(*args, **kwargs)
    whole = app.wsgi_app
    def broken(environ, start_response):
        if environ["PATH_INFO"] != "/healthz":
            return whole(environ, start_response)
        start_response("500 Internal Server Error", [("Content-Length", "0")])
        return []
    app.wsgi_app = broken
    return app
"""


def _wrong_port(template: dict[str, Any]) -> None:
    container = web(template)
    # The runner expects the server on the port in PORT, and this release listens on another one.
    container["Command"] += ["--bind", "127.0.0.1:0"]


def _secret(template: dict[str, Any]) -> None:
    container = web(template)
    container["Secrets"] = [{"Name": "API_KEY", "ValueFrom": "/never/stored"}]


def _none(_: dict[str, Any]) -> None:
    """Leave the template as it is."""


def _grace(template: dict[str, Any], seconds: int) -> None:
    resource(template, "AWS::ECS::Service")["HealthCheckGracePeriodSeconds"] = seconds


@pytest.mark.parametrize(
    ("code", "change", "grace_s", "reported", "cause"),
    [
        pytest.param(_IMPORT, _none, 60, "broken at import", "boot-failure", id="raises-at-import"),
        pytest.param(
            _HEALTH,
            _none,
            15,
            "/healthz answered 500, not 200",
            "health-check-error",
            id="health-answers-500",
        ),
        pytest.param("pass", _wrong_port, 2, "/healthz answered 503, not 200", "wrong-port", id="wrong-port"),
        pytest.param(
            "pass", _secret, 60, "/never/stored cannot be read", "secret-missing", id="missing-secret"
        ),
    ],
)
def test_a_broken_release_never_takes_traffic(
    dev: Dev,
    tmp_path: Path,
    report: list[str],
    request: pytest.FixtureRequest,
    capfd: pytest.CaptureFixture[str],
    code: str,
    change: Edit,
    grace_s: int,
    reported: str,
    cause: str,
) -> None:
    dev.scaled(3)  # as many tasks as the circuit breaker lets fail
    settings = ("taskDefinition", "healthCheckGracePeriodSeconds", "deploymentConfiguration")
    before, tasks = dev.service, {task["id"] for task in dev.tasks}

    def edit(template: dict[str, Any]) -> None:
        _grace(template, grace_s)
        change(template)

    broken = dev.make(tmp_path, code=code, edit=edit)
    with dev.load() as load:
        assert dev.roll_out(broken) == 1
    told = "".join(capfd.readouterr())
    report.append(f"broken release ({request.node.callspec.id}): sent {load.sent}, failed {len(load.failed)}")
    assert load.failed == []
    assert version(broken) not in load.versions
    assert reported in told
    assert "Circuit Breaker" in told
    after = dev.service
    assert [after[name] for name in settings] == [before[name] for name in settings]
    assert {task["id"] for task in dev.tasks} == tasks
    [stack] = dev.client("cloudformation").describe_stacks(StackName="Web-dev")["Stacks"]
    assert stack["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    why = dev.operate("why")
    [known] = [item for item in CAUSES if item.name == cause]
    assert (why.returncode, known.cause in why.stdout) == (1, True), why.stdout + why.stderr
