"""Test that an instance of another cloud is read from its manifest; no engine is needed."""

import json
from types import SimpleNamespace

import pytest

from infra.parameters import Place
from tests.elsewhere.examples import AZURE, GOOGLE, PLACES, PORTABLE, at, containers, variables
from tests.environments import STAGING
from tools.elsewhere import places
from tools.preflight import __main__ as command
from tools.preflight.elsewhere import read_instance
from tools.preflight.options import options

both = pytest.mark.parametrize("place", PLACES, ids=lambda place: place.kind)


@both
def test_the_containers_have_what_the_manifest_says_and_nothing_else(place: Place) -> None:
    where = at(place, PORTABLE)
    task = read_instance(PORTABLE, where)
    assert [each.name for each in task.containers] == ["web", "statsd", "proxy"]
    assert task.web.variables.keys() == variables(PORTABLE, where, "web").keys()
    assert set(task.web.secrets) == {"SECRET_KEY", "DATABASE_PASSWORD"}
    assert (task.front.name, task.port, task.app_port, task.architecture) == ("proxy", 8000, 8001, "amd64")
    assert [*task.web.entry_point, *task.web.command][0] == "gunicorn"
    assert task.front.after == (("web", "START"),)
    assert sum(each.memory_mib or 0 for each in task.containers) == pytest.approx(2048, abs=3)
    assert task.web.memory_mib == pytest.approx(_mib(containers(PORTABLE, where)["web"]), abs=1)


def _mib(container: dict[str, dict[str, str]]) -> float:
    found = json.loads(json.dumps(container["resources"]))
    memory = str(found.get("limits", found)["memory"])
    return float(memory[:-2]) * (1024 if memory.endswith("Gi") else 1)


def test_all_containers_get_sigterm_at_once_and_cloud_run_gives_them_ten_seconds() -> None:
    google, azure = (read_instance(PORTABLE, at(place, PORTABLE)).rules for place in (GOOGLE, AZURE))
    assert (google.together, google.stop_s) == (True, 10)
    assert azure.stop_s == 39  # longest_request_s and what its proxy and Gunicorn need to end
    assert not google.confined


def test_files_are_memory_on_cloud_run_alone() -> None:
    engine = SimpleNamespace(read_only=["--read-only"])
    for place, counted in ((GOOGLE, True), (AZURE, False)):
        task = read_instance(PORTABLE, at(place, PORTABLE))
        assert ("--tmpfs" in options(task.web, task, engine)) is counted  # type: ignore[arg-type]


@both
def test_an_environment_that_cannot_be_there_is_told_and_not_run(
    place: Place, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(command, "find", lambda _name: STAGING)
    where = SimpleNamespace(ELSEWHERE={"staging": (at(place, STAGING),)})
    monkeypatch.setattr(places, "environments", where)
    assert command.main(["web:1", "--environment", "staging", "--place", place.kind]) == 2
    assert f"staging cannot be on {place.title}" in capsys.readouterr().err
