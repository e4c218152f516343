"""Test that `make lock` names all versions that have to change at once, with versions that go together."""

import re
from pathlib import Path

import pytest

from tests.locks.conftest import Team
from tests.locks.wheels import source, wheel
from tools.locks.errors import LockError
from tools.locks.wheels import compiled


@pytest.fixture(scope="module", autouse=True)
def _more(index: Path) -> None:
    """Add packages to the index that an image cannot have, and versions of them that it can."""
    for version in ("2.0.23", "2.0.31", "2.0.40"):
        wheel(index, "sqlalchemy", version)
    wheel(index, "quick", "1.0", tag="cp311-cp311-manylinux_2_28_aarch64")
    source(index, "quick", "1.0")
    for version in ("1.5", "2.0"):
        wheel(index, "quick", version, tag="cp313-cp313-manylinux_2_28_aarch64")
    wheel(index, "shop-stock", "1.0", "taxes>=2.5")


def refusal(team: Team) -> str:
    with pytest.raises(LockError) as refused:
        team.lock()
    return str(refused.value)


def changes(said: str) -> dict[str, str]:
    return dict(re.findall(r"^  (\S+)  ->  (\S+)", said, re.MULTILINE))


def test_all_that_has_to_change_is_named_at_once(team: Team) -> None:
    kits = team.service / "requirements-kit.in"
    kits.write_text(kits.read_text() + "shop-stock==1.*\n")
    pins = "flask==1.1.4\norders==2.0\ntaxes==2.0\nsqlalchemy==2.0.23\nquick==1.0\n"
    team.write(requirements__in=pins)
    said = refusal(team)
    assert changes(said) == {
        "flask==1.1.4": "flask==3.1.3",
        "taxes==2.0": "taxes==2.5",
        "sqlalchemy==2.0.23": "sqlalchemy==2.0.31",
        "quick==1.0": "quick==1.5",
    }
    assert "Change these 4 versions at once in service/requirements.in, all others can stay" in said


def test_what_is_named_locks(team: Team) -> None:
    pins = "flask==1.1.4\norders==2.0\nsqlalchemy==2.0.23\n"
    for old, new in changes(refusal(team.write(requirements__in=pins))).items():
        pins = pins.replace(old, new)
    made = team.write(requirements__in=pins).lock()
    assert made.notes == []
    assert (team.pins["orders"], team.pins["sqlalchemy"]) == ("2.0", "2.0.31")


def test_a_change_that_the_others_make_needless_is_not_named(team: Team, index: Path) -> None:
    wheel(index, "shop-till", "1.0", "taxes>=3")
    wheel(index, "shop-till", "0.9")
    kits = team.service / "requirements-kit.in"
    kits.write_text(kits.read_text() + "shop-till\n")
    said = refusal(team.write(requirements__in="taxes==2.0\nsqlalchemy==2.0.23\n"))
    assert changes(said) == {"sqlalchemy==2.0.23": "sqlalchemy==2.0.31"}


def test_a_version_that_the_images_python_cannot_import_is_refused_with_a_sentence(team: Team) -> None:
    said = refusal(team.write(requirements__in="sqlalchemy==2.0.23\n"))
    assert said.startswith(
        "sqlalchemy 2.0.23 in service/requirements.in cannot be imported by Python 3.13, the image's: "
        "2.0.31 is the first that can."
    )


def test_an_older_python_can_import_it(team: Team) -> None:
    team.write(requirements__in="sqlalchemy==2.0.23\n", Dockerfile="ARG BASE=python:3.12-slim\n").lock()
    assert team.pins["sqlalchemy"] == "2.0.23"


def test_a_version_with_a_wheel_is_named_for_one_without(team: Team) -> None:
    """Of pure Python pip makes a wheel in the image: its version stays."""
    team.write(requirements__in="quick==1.0\n")
    told, proposed = team.lock().notes
    assert told.startswith("quick 1.0 has no wheel for the image")
    assert changes(proposed) == {"quick==1.0": "quick==1.5"}


def test_nothing_is_proposed_for_what_the_image_builds(team: Team) -> None:
    team.write(requirements__in="quick==1.0\n", **{"apt-packages__txt": "build: gcc\n"})
    assert team.lock().notes == []


def test_machine_code_is_told_from_pure_python() -> None:
    assert compiled("quick==1.0\norders==2.0\n", python="3.11") == {"quick"}
