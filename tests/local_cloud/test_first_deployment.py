"""Test that a first deployment that fails, in whatever way, is explained after its rollback."""

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from infra.application import build_app
from tests.environments import DEV
from tests.local_cloud.bare import bare
from tests.local_cloud.conftest import Dev, command
from tests.local_cloud.release import Edit, release, resource, web
from tools.causes import CAUSES
from tools.local_cloud import cdk
from tools.local_cloud.cloud import Cloud
from tools.local_cloud.state import State

Container = dict[str, Any]
# How long a task that runs and never is healthy gets: more than any start takes, on a busy machine too.
_GRACE_S = 10


@dataclass(frozen=True, kw_only=True)
class Broken:
    """A way to break a release, and the cause that is found for it."""

    cause: str
    code: str = ""
    edit: Edit | None = None
    shown: str = ""
    before: Callable[[Cloud], object] = lambda _: None


def _container(change: Callable[[Container], object]) -> Edit:
    def edit(template: dict[str, Any]) -> None:
        change(web(template))

    return edit


def _never_healthy(change: Edit = lambda _: None) -> Edit:
    def edit(template: dict[str, Any]) -> None:
        change(template)
        resource(template, "AWS::ECS::Service")["HealthCheckGracePeriodSeconds"] = _GRACE_S

    return edit


def _variable(name: str, value: str | None) -> Edit:
    def change(container: Container) -> None:
        kept = [item for item in container["Environment"] if item["Name"] != name]
        container["Environment"] = kept + ([{"Name": name, "Value": value}] if value is not None else [])

    return _container(change)


def _command(*words: str) -> Edit:
    return _container(lambda container: container.update(Command=list(words)))


def _secret(value_from: str) -> Edit:
    return _container(
        lambda container: container.update(Secrets=[{"Name": "API_KEY", "ValueFrom": value_from}])
    )


def _health_path(path: str) -> Edit:
    return lambda template: resource(template, "AWS::ElasticLoadBalancingV2::TargetGroup").update(
        HealthCheckPath=path
    )


def _store(text: str) -> Callable[[Cloud], object]:
    return lambda cloud: cloud.client("secretsmanager").create_secret(Name="first/json", SecretString=text)


def _healthy(answer: str) -> str:
    return f"""
_create_app = create_app
def create_app(*args, **kwargs):
    app = _create_app(*args, **kwargs)
    whole = app.wsgi_app
    def broken(environ, start_response):
        if environ["PATH_INFO"] != "/healthz":
            return whole(environ, start_response)
        {answer}
        return []
    app.wsgi_app = broken
    return app
"""


_ARN = f"arn:aws:secretsmanager:{DEV.region}:123456789012:secret:first/json"
_WAYS = {
    "raises-at-import": Broken(
        cause="boot-failure", code="raise RuntimeError('broken at import')", shown="broken at import"
    ),
    "package-missing": Broken(
        cause="package-missing", code="import nowhere_to_be_found", shown="nowhere_to_be"
    ),
    "variable-missing": Broken(cause="variable-missing", edit=_variable("ENVIRONMENT", None)),
    "variable-wrong": Broken(cause="variable-wrong", edit=_variable("LOG_LEVEL", "loud"), shown="loud"),
    "health-check-fails": Broken(
        cause="health-check-error",
        code=_healthy('start_response("500 Internal Server Error", [("Content-Length", "0")])'),
        edit=_never_healthy(),
    ),
    "health-check-redirected": Broken(
        cause="health-check-redirected",
        code=_healthy('start_response("302 Found", [("Location", "/login"), ("Content-Length", "0")])'),
        edit=_never_healthy(),
    ),
    "health-path-wrong": Broken(
        cause="health-check-not-found", edit=_never_healthy(_health_path("/nothing-is-here"))
    ),
    "port-wrong": Broken(
        cause="wrong-port",
        edit=_never_healthy(_container(lambda item: item["Command"].extend(["--bind", "127.0.0.1:0"]))),
    ),
    "parameter-missing": Broken(
        cause="secret-missing", edit=_secret("/never/stored"), shown="make secret NAME=API_KEY"
    ),
    "secret-missing": Broken(cause="secret-missing", edit=_secret(f"{_ARN}-never:key::")),
    "json-key-missing": Broken(
        cause="secret-without-key", edit=_secret(f"{_ARN}:key::"), before=_store('{"other": "x"}')
    ),
    "secret-not-json": Broken(
        cause="secret-without-key", edit=_secret(f"{_ARN}:key::"), before=_store("no JSON")
    ),
    "command-missing": Broken(cause="command-missing", edit=_command("gunicorn-that-nobody-has")),
    "exits-at-once": Broken(cause="exit-at-once", edit=_command("true")),
    "exits-with-an-error": Broken(cause="exit", edit=_command("false")),
    "killed": Broken(
        cause="killed", edit=_command(sys.executable, "-c", "import os; os.kill(os.getpid(), 9)")
    ),
    "writes-beside-its-code": Broken(
        cause="read-only-root",
        code="open(__file__ + '.cache', 'w').close()",
        shown="Read-only file system",
    ),
}


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> Iterator[State]:
    """Start an emulator and a runner, with nothing deployed."""
    state = State(tmp_path_factory.mktemp("first") / "state")
    known = bare(state, DEV.region, runner=True)
    cdk.bootstrap(known.cloud)
    yield state
    known.emulator.kill()
    assert command(state, "down").returncode == 0


@pytest.fixture(scope="module")
def assembly(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Synthesise dev once."""
    folder = tmp_path_factory.mktemp("assembly")
    build_app(DEV, outdir=str(folder)).synth()
    return folder


@pytest.fixture(scope="module")
def releasing(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Synthesise dev with a release command that fails."""
    folder = tmp_path_factory.mktemp("releasing")
    script = "print('no such column', flush=True); raise SystemExit(3)"
    changes = {"release_command": (sys.executable, "-c", script)}
    build_app(DEV.model_copy(update=changes), outdir=str(folder)).synth()
    return folder


def _explained(state: State, assembly: Path, cause: str, capfd: pytest.CaptureFixture[str]) -> str:
    """Deploy for the first time, and return what is said after the rollback; the cause comes first."""
    dev = Dev(state)
    assert dev.roll_out(assembly) == 1
    told = "".join(capfd.readouterr())
    [stack] = dev.client("cloudformation").describe_stacks(StackName="Web-dev")["Stacks"]
    assert stack["StackStatus"] == "ROLLBACK_COMPLETE"
    assert not dev.client("ecs").list_clusters()["clusterArns"]
    [known] = [item for item in CAUSES if item.name == cause]
    assert f"Cause  {known.cause}\nFix    {known.fix}\n" in told
    why = dev.operate("why")
    assert why.returncode == 1, why.stderr
    first, second, *_ = why.stdout.splitlines()
    assert (first, second) == (f"Cause  {known.cause}", f"Fix    {known.fix}"), why.stdout
    assert not {"`make logs`", "`make why`"} & {
        word for word in known.fix.split("`") for word in (f"`{word}`",)
    }
    return why.stdout


@pytest.mark.parametrize("way", _WAYS)
def test_why_begins_with_cause_and_fix(
    state: State, assembly: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str], way: str
) -> None:
    broken = _WAYS[way]
    cloud = Dev(state).running.cloud
    broken.before(cloud)
    try:
        made = release(assembly, tmp_path, code=broken.code, edit=broken.edit)
        assert broken.shown in _explained(state, made, broken.cause, capfd)
    finally:
        if broken.before is not Broken.before:
            cloud.client("secretsmanager").delete_secret(
                SecretId="first/json", ForceDeleteWithoutRecovery=True
            )


def test_the_release_command_is_explained_too(
    state: State, releasing: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    said = _explained(state, release(releasing, tmp_path), "release-command", capfd)
    assert "no such column" in said


def test_what_was_logged_outlives_the_rollback_and_the_next_attempt_does_not_meet_it(
    state: State, assembly: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    for number in (1, 2):
        made = release(assembly, tmp_path / str(number), code=f"raise RuntimeError('attempt {number}')")
        _explained(state, made, "boot-failure", capfd)
    logs = Dev(state).operate("logs")
    assert logs.returncode == 0, logs.stderr
    assert "attempt 2" in logs.stdout
    previous = Dev(state).operate("logs", "--previous")
    assert "attempt 2" in previous.stdout, previous.stderr
    groups = Dev(state).client("logs").describe_log_groups(logGroupNamePrefix="Web-dev-TaskLog")["logGroups"]
    assert len({group["logGroupName"] for group in groups}) >= 2
