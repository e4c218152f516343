"""A change of a manifest is told by what a deployment of it does to the running service."""

import subprocess
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from infra.parameters import Cidrs, Environment, InsideVpc, NewLoadBalancer, Place, Tasks
from tests.elsewhere.examples import AZURE, GOOGLE, PLACES, PORTABLE, at, manifests
from tools.elsewhere import base
from tools.elsewhere.changes import changes

both = pytest.mark.parametrize("place", PLACES, ids=lambda place: place.kind)
OFFICE = NewLoadBalancer(ingress=Cidrs(cidrs=("203.0.113.0/24",)))
INSIDE = NewLoadBalancer(ingress=InsideVpc())
SMALL = Tasks(cpu=1024, memory_mib=2048, architecture="X86_64", min=1)


def verdicts(before: Environment, after: Environment, place: Place) -> set[str]:
    old, new = (manifests(each, at(place, each))[0] for each in (before, after))
    return {each.verdict.partition(",")[0] for each in changes(_whole(old), _whole(new))}


def _whole(document: dict[str, Any]) -> dict[str, Any]:
    """Return an app as the template has it, in which it is written."""
    return document if "kind" in document else {"resources": [{"apiVersion": "x", **document}]}


def changed(**values: Any) -> Environment:
    return PORTABLE.model_copy(update=values)


@both
def test_nothing_changes_nothing(place: Place) -> None:
    assert verdicts(PORTABLE, PORTABLE, place) == set()


@both
def test_a_variable_rolls_the_instances(place: Place) -> None:
    assert verdicts(PORTABLE, changed(variables={"GREETING": "bye"}), place) == {"new revision"}


def test_bounds_of_scaling_are_the_services_in_google_and_the_revisions_in_azure() -> None:
    assert verdicts(PORTABLE, changed(tasks=SMALL), GOOGLE) == {"in place"}
    assert verdicts(PORTABLE, changed(tasks=SMALL), AZURE) == {"new revision"}


@both
def test_an_open_door_is_dangerous_and_a_shut_one_is_looked_at(place: Place) -> None:
    inside = changed(load_balancer=INSIDE)
    assert verdicts(inside, PORTABLE, place) == {"DANGEROUS"}
    assert verdicts(PORTABLE, inside, place) == {"LOOK"}


def test_networks_that_are_no_longer_the_only_ones_are_dangerous() -> None:
    office = changed(load_balancer=OFFICE)
    assert verdicts(office, PORTABLE, AZURE) == {"DANGEROUS"}
    assert verdicts(PORTABLE, office, AZURE) == {"LOOK"}


@both
def test_the_dangerous_comes_first(place: Place) -> None:
    inside = changed(load_balancer=INSIDE, variables={"A": "1"})
    old, new = (_whole(manifests(each, at(place, each))[0]) for each in (inside, PORTABLE))
    assert next(changes(old, new)).verdict.startswith("DANGEROUS")


def test_the_manifests_of_another_commit_are_written_by_its_own_code(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    repository = tmp_path / "repository"
    (repository / "tools").mkdir(parents=True)
    writes = 'open("cdk.out/elsewhere/web-dev.yaml", "w").write("spec: {timeoutSeconds: 30}")'
    left = 'open("cdk.out/elsewhere/web-dev-mail.yaml", "w").write("spec: {}")'
    code = f'import os; os.makedirs("cdk.out/elsewhere"); {writes}; {left}'
    (repository / "tools" / "elsewhere.py").write_text(code)

    def git(*words: str) -> None:
        subprocess.run(
            ["git", "-c", "user.name=a", "-c", "user.email=a@b.c", *words], cwd=repository, check=True
        )

    git("init", "--quiet")
    git("add", ".")
    git("commit", "--quiet", "-m", "before")
    now = tmp_path / "now"
    now.mkdir()
    with (now / "web-dev.yaml").open("w") as file:
        YAML().dump({"spec": {"timeoutSeconds": 60}}, file)
    (now / "web-dev-release.yaml").write_text("spec: {}")
    monkeypatch.setattr(base, "ROOT", repository)
    found = base.changed_since("HEAD", "google", "dev", now)
    assert found["web-dev-release.yaml"] is None
    (change,) = found["web-dev.yaml"] or []
    assert change.line == "in place: spec.timeoutSeconds: 30 -> 60"
    (gone,) = found["web-dev-mail.yaml"] or []
    assert gone.line == "LOOK, what it has deployed stays until you delete it: manifest: there -> nothing"
    listed = subprocess.run(
        ["git", "worktree", "list"], cwd=repository, capture_output=True, text=True, check=True
    )
    assert len(listed.stdout.splitlines()) == 1
