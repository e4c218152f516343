"""Test what `make lock` keeps, what it says, and that nothing of an app's can lock a team out."""

import itertools
from pathlib import Path

import pytest

from tests.locks.conftest import Team
from tests.locks.foreign import LOCKS
from tests.locks.wheels import wheel
from tools.locks import resolving, stale
from tools.locks.app_locks import OPTIONS
from tools.locks.errors import LockError


def test_what_is_locked_stays_until_it_is_upgraded(team: Team) -> None:
    team.write(requirements__in="orders==2.0\nflask<3.1\n").lock()
    team.write(requirements__in="orders\nflask\ntaxes\n").lock()
    assert (team.pins["orders"], team.pins["flask"], team.pins["taxes"]) == ("2.0", "3.0.3", "3.0")
    team.lock(upgrade="flask")
    assert (team.pins["orders"], team.pins["flask"]) == ("2.0", "3.1.3")
    team.lock(upgrade="1")
    assert team.pins["orders"] == "3.0"


@pytest.mark.parametrize(
    ("before", "upgrade", "waits_not"),
    [
        ("orders==2.0 \\\n    --hash=sha256:a\n", "", ["orders"]),
        ("orders==2.0\n", "1", []),
        ("orders==2.0\n", "flask", ["flask", "orders"]),
    ],
)
def test_a_new_version_waits_a_week_unless_it_is_locked_or_asked_for_by_name(
    monkeypatch: pytest.MonkeyPatch, before: str, upgrade: str, waits_not: list[str]
) -> None:
    monkeypatch.delenv("UV_EXCLUDE_NEWER", raising=False)
    asked: list[str] = []
    monkeypatch.setattr(resolving, "run_uv", lambda words, **_: asked.extend(words))
    resolving.resolve({"in": ["orders"]}, before=before, python="3.13", upgrade=upgrade)
    options = list(itertools.pairwise(asked))
    assert ("--exclude-newer", "7 days") in options
    told = [value for option, value in options if option == "--exclude-newer-package"]
    assert told == [f"{name}=false" for name in waits_not]


def test_who_has_an_index_without_dates_may_say_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UV_EXCLUDE_NEWER", "2099-01-01")
    asked: list[str] = []
    monkeypatch.setattr(resolving, "run_uv", lambda words, **_: asked.extend(words))
    resolving.resolve({"in": ["orders"]}, python="3.13")
    assert "--exclude-newer" not in asked


def test_each_lock_has_the_same_versions(team: Team) -> None:
    made = team.write(requirements__in="orders==2.5\n").lock()
    assert {path.name for path in made.texts} == {
        "requirements.txt",
        "requirements-tracing.txt",
        "requirements-test.txt",
    }
    tracing = (team.service / "requirements-tracing.txt").read_text()
    assert "orders==2.5" in tracing
    assert "opentelemetry-sdk==1.9" in tracing
    assert "pytest==3.0" in (team.service / "requirements-test.txt").read_text()


def test_a_version_outside_of_the_kits_range_is_named_with_both(team: Team) -> None:
    team.write(requirements__in="flask==1.1.4\n")
    with pytest.raises(LockError) as refused:
        team.lock()
    assert str(refused.value).startswith(
        "flask 1.1.4 in service/requirements.in does not go together with the kit, which needs flask<4,>=2.2 "
        "(service/requirements-kit.in): lock one of that range."
    )


def test_a_collision_further_down_names_the_pin_and_the_kit(team: Team) -> None:
    kits = team.service / "requirements-kit.in"
    kits.write_text(kits.read_text() + "shop-client==1.*\n")
    team.write(requirements__in="taxes==2.0\n", Dockerfile="ARG BASE=python:3.13-slim\n")
    with pytest.raises(
        LockError, match=r"taxes 2.0 in service/requirements.in does not go .* needs shop-client"
    ):
        team.lock()


def test_the_server_is_the_kits_whatever_an_app_pins(team: Team) -> None:
    made = team.write(requirements__in="gunicorn==22.0\n").lock()
    assert team.pins["gunicorn"] == "27.1"
    assert made.notes == [
        "gunicorn 22.0 is set aside: the server is the kit's (service/requirements-kit.in)."
    ]


def test_an_option_of_the_kit_yields_to_the_apps_version(team: Team) -> None:
    made = team.write(requirements__in="flask-limiter==1.5\n").lock()
    assert team.pins["flask-limiter"] == "1.5"
    assert made.notes[0].startswith("RATE_LIMIT cannot be used: flask-limiter 1.5 in service/requirements.in")


def test_every_option_is_a_package_of_the_kit() -> None:
    kits = (Path(__file__).parents[2] / "service" / "requirements-kit.in").read_text()
    assert all(f"\n{name}>=" in kits for name in OPTIONS)


def test_tracing_cannot_make_an_app_unresolvable(team: Team) -> None:
    made = team.write(requirements__in="orders==2.0\n").lock()
    assert team.pins["orders"] == "2.0"
    assert "opentelemetry-sdk" in made.no_tracing
    assert "requirements-tracing.txt" not in {path.name for path in made.texts}


def test_a_package_without_a_wheel_for_the_image_is_named_with_the_choice(team: Team) -> None:
    made = team.write(requirements__in="fast==1.0\n").lock()
    (note,) = made.notes
    assert note.startswith("fast 1.0 has no wheel for the image (Python 3.13, ARM64)")
    assert "set architecture='X86_64' in tasks" in note
    assert "`build: gcc`" in note


@pytest.mark.parametrize(
    ("requirement", "packages", "architectures"),
    [
        ("fast==1.0", "", ("X86_64",)),
        ("fast==1.0", "build: gcc\n", ("ARM64",)),
        ("fast==1.0 ; sys_platform == 'win32'", "", ("ARM64",)),
        ("orders==2.0", "", ("ARM64", "X86_64")),
    ],
    ids=["its architecture", "it is built", "another system", "pure Python"],
)
def test_no_other_is_named(
    team: Team, requirement: str, packages: str, architectures: tuple[str, ...]
) -> None:
    team.write(requirements__in=f"{requirement}\n", **{"apt-packages__txt": packages})
    assert team.lock(architectures=architectures).notes == []


def test_a_package_that_only_newer_pythons_can_have_makes_the_lock_newer(team: Team, index: Path) -> None:
    wheel(index, "modern", "1.0", extras="Requires-Python: >=3.13")
    team.write(requirements__in="modern\n").lock()
    assert "# For Python 3.13 and newer." in team.text


@pytest.mark.parametrize("extra", [".[hash]", "-e .[hash]"])
def test_an_extra_of_the_project_is_asked_for_as_pip_does(team: Team, extra: str) -> None:
    project = "[project]\nname = 'shop'\nversion = '1'\ndependencies = ['flask']\n"
    team.write(
        pyproject__toml=f"{project}[project.optional-dependencies]\nhash = ['taxes']\n",
        requirements__in=f"{extra}\n",
    ).lock()
    assert {"flask", "taxes"} <= team.pins.keys()


PROJECT = "[project]\nname = 'shop'\nversion = '1'\n"


@pytest.mark.parametrize(
    ("files", "said"),
    [
        (
            {"uv__lock": "", "poetry__lock": ""},
            "service/ has uv.lock and poetry.lock: keep the one you deploy",
        ),
        ({"uv__lock": "version = 1\n"}, "service/pyproject.toml is missing: copy it"),
        ({"uv__lock": "version = 1\n", "pyproject__toml": PROJECT}, "uv cannot read service/uv.lock"),
        ({"Pipfile__lock": "{"}, "Pipfile.lock cannot be read .*pipenv lock"),
        ({"Pipfile__lock": "{}"}, "Pipfile.lock cannot be read"),
        (
            {"poetry__lock": "[[", "pyproject__toml": PROJECT},
            "service/poetry.lock cannot be read .*poetry lock",
        ),
        ({"pyproject__toml": "[tool.poetry.dependencies]\nflask = '*'\n"}, "service/poetry.lock is missing"),
        (
            {"pyproject__toml": f"{PROJECT}dynamic = ['dependencies']\n"},
            "leaves the dependencies to its build tool",
        ),
        (
            {"pyproject__toml": PROJECT, "requirements__in": ".[s3]\n"},
            "asks for .\\[s3\\], but .* choose of none",
        ),
        ({"requirements__in": "-r base.txt\n"}, "requirements.in needs base.txt, which cannot be read"),
        (
            {"requirements__in": "git+https://example.com/x.git\n"},
            "from version control, where no hash can check it",
        ),
        ({"requirements__in": "x @ git+ssh://example.com/x.git\n"}, "from version control"),
        ({"requirements__in": "-e git+https://example.com/x.git#egg=x\n"}, "from version control"),
        ({"requirements__in": "no-such-package\n"}, "no-such-package"),
        ({"requirements__in": "this is no requirement\n"}, "this is no requirement"),
    ],
)
def test_what_cannot_be_locked_is_refused_with_a_sentence(
    team: Team, files: dict[str, str], said: str
) -> None:
    team.write(requirements__in="orders==2.0\n").lock()
    before = team.text
    with pytest.raises(LockError, match=said):
        team.write(**files).lock()
    assert team.text == before


def test_a_folder_of_the_machine_is_left_out_and_named(team: Team) -> None:
    made = team.write(requirements__in="-e .\n-e ./libs/money\norders==2.0\n").lock()
    (note,) = made.notes
    assert "'./libs/money' is a folder of this machine and left out" in note


@pytest.mark.parametrize("name", LOCKS)
def test_a_change_of_any_source_is_noticed(team: Team, name: str) -> None:
    LOCKS[name](team)
    team.lock()
    assert stale(team.service) == ""
    for path in list(team.service.iterdir()):
        if path.name == "Dockerfile" or path.name.startswith(("requirements.txt", "requirements-t")):
            continue
        kept = path.read_text()
        path.write_text(f"{kept}\n" if path.suffix != ".lock" else kept + " ")
        assert "run `make lock`" in stale(team.service), path.name
        path.write_text(kept)
