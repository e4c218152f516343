"""`make google` and `make azure` print what to run, and run it with the programs that are installed."""

import shlex
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from infra.parameters import Environment, Google, Place
from tests.elsewhere.conftest import Programs
from tests.elsewhere.examples import AZURE, BUSY, GOOGLE, PLACES, PORTABLE, at
from tests.environments import STAGING
from tools.elsewhere import __main__ as command
from tools.elsewhere import places, written

both = pytest.mark.parametrize("place", PLACES, ids=lambda place: place.kind)
Run = Callable[..., int]
REVISION = "web-portable-00002-abc"
READY = {
    "status": {
        "url": "https://web-portable-x.a.run.app",
        "latestCreatedRevisionName": REVISION,
        "latestReadyRevisionName": REVISION,
        "conditions": [{"type": "Ready", "status": "True"}],
    }
}
APP = {
    "provisioningState": "Succeeded",
    "latestRevisionName": "web-portable--1",
    "latestReadyRevisionName": "web-portable--1",
    "configuration": {"ingress": {"fqdn": "web-portable.x.azurecontainerapps.io"}},
}


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    def run(place: Place, *words: str, environment: Environment = PORTABLE) -> int:
        where = at(place, environment)
        monkeypatch.setattr(command, "find", lambda _name: environment)
        monkeypatch.setattr(places, "environments", SimpleNamespace(ELSEWHERE={environment.name: (where,)}))
        monkeypatch.setattr(written.written, "__defaults__", (tmp_path / "elsewhere",))
        return command.main([place.kind, environment.name, *words])

    return run


def healthy(programs: Programs) -> None:
    programs.answer("run services describe", READY)
    programs.answer("run worker-pools describe", READY)
    programs.answer("containerapp show", {"properties": APP})
    programs.answer("job start", "run-1")
    programs.answer("execution show", "Succeeded")
    programs.answer("identity show", "00000000-0000-0000-0000-00000000000a")


@both
def test_it_prints_all_steps_in_order_and_runs_none(
    place: Place, run: Run, programs: Programs, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert run(place) == 0
    said = capsys.readouterr().out
    titles = [
        "Once for the environment",
        "What a deployment would change",
        "For each deployment",
        "Afterwards",
    ]
    assert sorted(titles, key=said.index) == titles
    order = [
        "docker push",
        "run the release command",
        "# deploy the ",
        "its URL" if place.kind == "google" else "its host",
    ]
    assert sorted(order, key=said.index) == order
    for word in ("REVISION", "its log", "removal"):
        assert word in said
    assert programs.calls == []
    written = {each.name.removesuffix(each.suffix) for each in (tmp_path / "elsewhere").iterdir()}
    assert {"web-portable", "web-portable-release", "web-portable.alerts"} <= written


@both
def test_what_it_prints_is_what_it_runs(
    place: Place, run: Run, programs: Programs, capsys: pytest.CaptureFixture[str]
) -> None:
    run(place)
    printed = capsys.readouterr().out
    healthy(programs)
    assert run(place, "--deploy") == 0
    for call in programs.calls:
        words = call.replace("00000000-0000-0000-0000-00000000000a", "").replace("run-1", "").split()
        if "logs" in words or "describe" in words or "containerapp show" in call or "workspace list" in call:
            continue
        assert all(shlex.quote(word) in printed or word in printed for word in words), call


@both
def test_a_deployment_ends_with_the_address_of_what_is_healthy(
    place: Place, run: Run, programs: Programs, capsys: pytest.CaptureFixture[str]
) -> None:
    healthy(programs)
    assert run(place, "--deploy") == 0
    said = capsys.readouterr().out
    assert said.rstrip().splitlines()[-1].startswith("Healthy: https://web-portable")
    calls = "\n".join(programs.calls)
    release, deploy = (
        ("run jobs execute", "run services replace")
        if place.kind == "google"
        else ("job execution show", "--name web-portable --template-file")
    )
    assert calls.index("docker push") < calls.index(release) < calls.index(deploy)


@both
def test_a_later_deployment_needs_no_right_to_grant_rights(
    place: Place, run: Run, programs: Programs
) -> None:
    healthy(programs)
    assert run(place, "--deploy", "again") == 0
    assert any("docker push" in each for each in programs.calls)
    rights = ("iam", "role assignment", "services enable", "identity create", " create --name acme")
    assert not [each for each in programs.calls if any(word in each for word in rights)]


@both
def test_a_release_command_that_fails_stops_before_the_service_is_touched(
    place: Place, run: Run, programs: Programs, capsys: pytest.CaptureFixture[str]
) -> None:
    programs.answer("run jobs execute", "ERROR: The execution failed.", code=1)
    programs.answer("execution show", "Failed")
    healthy(programs)
    assert run(place, "--deploy") == 1
    error = capsys.readouterr().err
    assert "this failed (1)" in error
    assert "Traceback" not in error
    assert not [
        each for each in programs.calls if "services replace" in each or "--name web-portable --temp" in each
    ]


@both
def test_a_secret_without_a_value_is_told_with_the_command_that_stores_one(
    place: Place, run: Run, programs: Programs, capsys: pytest.CaptureFixture[str]
) -> None:
    programs.answer("secrets versions describe", "ERROR: NOT_FOUND: Secret [web] not found", code=1)
    programs.answer("keyvault secret show", "ERROR: (SecretNotFound) A secret was not found", code=3)
    healthy(programs)
    assert run(place, "--deploy") == 1
    assert "store its value: " in capsys.readouterr().err


def test_a_broken_image_on_cloud_run_is_told_as_make_why_does(
    run: Run, programs: Programs, capsys: pytest.CaptureFixture[str]
) -> None:
    # https://docs.cloud.google.com/run/docs/troubleshooting#container-failed-to-start
    message = (
        f"Revision '{REVISION}' is not ready and cannot serve traffic. The user-provided container failed to "
        "start and listen on the port defined provided by the PORT=8000 environment variable"
    )
    failed = {
        "status": {
            "latestCreatedRevisionName": REVISION,
            "latestReadyRevisionName": "web-portable-00001-abc",
            "conditions": [{"type": "Ready", "status": "False", "message": message}],
        }
    }
    programs.answer("run services describe", failed)
    programs.answer("logging read", [{"textPayload": "ModuleNotFoundError: No module named 'shop'"}])
    assert run(GOOGLE, "--deploy") == 1
    said = capsys.readouterr().out
    assert message in said.replace("\n", " ")
    assert "Cause" in said
    assert "Fix" in said
    assert "No module named 'shop'" in said


def test_a_broken_image_on_container_apps_is_told_as_make_why_does(
    run: Run, programs: Programs, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = {"properties": {**APP, "latestRevisionName": "web-portable--2"}}
    details = "Container 'web' was terminated with exit code '1'"
    state = {"properties": {"runningState": "Failed", "runningStateDetails": details}}
    programs.answer("containerapp show", broken)
    programs.answer("revision show", state)
    programs.answer("logs show", "ModuleNotFoundError: No module named 'shop'")
    healthy(programs)
    assert run(AZURE, "--deploy") == 1
    said = capsys.readouterr().out
    assert "revision web-portable--2: Container 'web' was terminated" in said
    assert "Cause" in said
    assert "No module named 'shop'" in said


@both
def test_workers_come_with_the_service_after_the_release_command_and_jobs_last(
    place: Place, run: Run, programs: Programs
) -> None:
    healthy(programs)
    assert run(place, "--deploy", environment=BUSY) == 0
    order = (
        ("jobs execute", "services replace", "worker-pools replace", "nightly.yaml", "jobs update http")
        if place.kind == "google"
        else ("execution show", "--name web-portable --temp", "web-portable-mail --temp", "nightly --temp")
    )
    calls = "\n".join(programs.calls)
    assert sorted(order, key=calls.index) == list(order)


def test_a_schedule_is_made_once_and_then_changed(run: Run, programs: Programs) -> None:
    programs.answer("scheduler jobs describe", "NOT_FOUND", code=1)
    healthy(programs)
    assert run(GOOGLE, "--deploy", environment=BUSY) == 0
    (created,) = [each for each in programs.calls if "scheduler jobs create http" in each]
    assert "--schedule 0 3 * * 1-5 --time-zone Etc/UTC" in created
    assert "/jobs/web-portable-nightly:run --http-method post" in created
    assert not [each for each in programs.calls if "scheduler jobs update" in each]


def test_only_the_first_deployment_lets_a_schedule_start_the_jobs(run: Run, programs: Programs) -> None:
    healthy(programs)
    assert run(GOOGLE, "--deploy", environment=BUSY) == 0
    rights = [each for each in programs.calls if "run jobs add-iam-policy-binding" in each]
    starter = "serviceAccount:web-portable-jobs@acme-shop.iam.gserviceaccount.com"
    assert [f"web-portable-nightly --region europe-west1 --member {starter}" in each for each in rights] == [
        True
    ]
    assert run(GOOGLE, "--deploy", "again", environment=BUSY) == 0
    assert rights == [each for each in programs.calls if "run jobs add-iam-policy-binding" in each]


@both
def test_workers_are_rolled_back_and_all_is_removed_again(
    place: Place, run: Run, programs: Programs, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(place, environment=BUSY) == 0
    said = capsys.readouterr().out.partition("# --- Afterwards")[2]
    back, removal = said.partition("# removal")[::2]
    expected = (
        ("worker-pools update-instance-split web-portable-mail",)
        if place.kind == "google"
        else ("revision copy --name web-portable-mail",)
    )
    removed = (
        (
            "scheduler jobs delete web-portable-nightly",
            "run jobs delete web-portable-nightly",
            "run worker-pools delete web-portable-mail",
            "run services delete web-portable ",
            "run jobs delete web-portable-release",
        )
        if place.kind == "google"
        else (
            "job delete --name web-portable-nightly",
            "containerapp delete --name web-portable-mail",
            "containerapp delete --name web-portable ",
            "job delete --name web-portable-release",
        )
    )
    assert all(each in back for each in expected)
    assert all(each in removal for each in removed)
    assert programs.calls == []


@both
def test_a_worker_that_does_not_start_is_told_with_its_last_lines(
    place: Place, run: Run, programs: Programs, capsys: pytest.CaptureFixture[str]
) -> None:
    failed = {
        "status": {
            "latestCreatedRevisionName": "web-portable-mail-00002",
            "conditions": [{"type": "Ready", "status": "False", "message": "The container exited with 1"}],
        }
    }
    programs.answer("worker-pools describe", failed)
    programs.answer("logging read", [{"textPayload": "ModuleNotFoundError: No module named 'shop'"}])
    broken = {"properties": {**APP, "latestRevisionName": "web-portable-mail--2"}}
    programs.answer("containerapp show --name web-portable-mail", broken)
    programs.answer("revision show", {"properties": {"runningState": "The container exited with 1"}})
    programs.answer("--container mail", "ModuleNotFoundError: No module named 'shop'")
    healthy(programs)
    assert run(place, "--deploy", environment=BUSY) == 1
    said = capsys.readouterr().out.replace("\n", " ")
    assert "The container exited with 1" in said
    assert "No module named 'shop'" in said


@both
def test_an_environment_that_cannot_be_there_is_refused_before_anything_runs(
    place: Place, run: Run, programs: Programs, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(place, "--deploy", environment=STAGING) == 1
    assert "tls_to_tasks is True" in capsys.readouterr().err
    assert programs.calls == []


@both
def test_an_environment_without_a_place_is_told_what_to_write(
    place: Place, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(command, "find", lambda _name: PORTABLE)
    monkeypatch.setattr(places, "environments", SimpleNamespace(ELSEWHERE={}))
    assert command.main([place.kind, "portable"]) == 1
    line = capsys.readouterr().err.rstrip().splitlines()[-1]
    assert line.startswith(f'ELSEWHERE = {{"portable": ({type(place).__name__}(')


@both
def test_a_program_that_is_not_installed_is_told_where_to_get_it(
    place: Place, run: Run, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("tools.elsewhere.deploying.shutil.which", lambda _name: None)
    assert run(place, "--deploy") == 1
    program = "gcloud" if isinstance(place, Google) else "az"
    assert f"{program} is not installed, and DEPLOY=1 runs it" in capsys.readouterr().err
