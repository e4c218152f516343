"""The app of a repository is found as servers find it; the kit then serves its page. Where it is unclear, adopt asks."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.adopt.conftest import Write
from tests.adopt.repositories import APP, FACTORY, REPOSITORIES, REQUIRED, Repository
from tools.adopt.__main__ import adopt
from tools.adopt.errors import AdoptError

ASK = """
from service import create_app
print(create_app().test_client().get("/").text)
"""


def first_page(project: Path) -> str:
    """Return what the adopted app answers with the kit around it, in a process of its own."""
    variables = {
        "ENVIRONMENT": "local",
        "VERSION": "test",
        "PROXY_HOPS": "0",
        "SECRET_KEY": "for this test alone",
    }
    path = os.pathsep.join((str(project / "service" / "src"), str(project)))
    done = subprocess.run(
        [sys.executable, "-c", ASK],
        cwd=project / "service" / "src",
        env={**os.environ, **variables, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()[-1]


@pytest.mark.parametrize("name", REPOSITORIES)
def test_the_app_of_a_repository_answers_through_the_kit(name: str, project: Path, repository: Write) -> None:
    wanted: Repository = REPOSITORIES[name]
    report = adopt(project, str(repository(wanted.files)))
    assert [row.given for row in report.rows if row.here == "service/app/__init__.py imports it"] == [
        wanted.app
    ]
    assert first_page(project) == wanted.page


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"one.py": APP, "two.py": APP}, ["one:app (line 4)", "two:app (line 4)", "APP=one:app"]),
        (
            {"one.py": APP, "two.py": APP, "Procfile": "web: gunicorn one:app\n", "Dockerfile": "FROM a\nCMD gunicorn two:app\n"},
            ["one:app (Procfile: web)", "two:app (Dockerfile: CMD)", "say which"],
        ),
        ({"shop.py": REQUIRED}, ["shop:create_app() needs config", "APP='shop:create_app(\"...\")'"]),
        (
            {"shop/__init__.py": FACTORY, "wsgi.py": "from shop import create_app\napp = create_app('a')\n", "run.py": "from shop import create_app\napp = create_app('b')\n"},
            ["wsgi:app", "run:app", "say which"],
        ),
        ({"README.md": "nothing"}, ["no Flask app was found", "APP=module:name"]),
        ({"app.py": APP, "Procfile": "web: gunicorn gone:app\n"}, ["Procfile: web names 'gone:app'", "no module gone", "app:app"]),
        ({"a/app.py": APP, "b/app.py": APP}, ["app:app (line 4), app:app (line 4)"]),
    ],
    ids=["two files", "two servers", "an argument", "two calls", "none", "a module that is gone", "two folders"],
)  # fmt: skip
def test_what_is_unclear_is_asked(
    files: dict[str, str], said: list[str], project: Path, repository: Write
) -> None:
    before = contents(project)
    with pytest.raises(AdoptError) as refused:
        adopt(project, str(repository(files)))
    assert [words for words in said if words not in str(refused.value)] == []
    assert contents(project) == before


def contents(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_app_says_which(project: Path, repository: Write) -> None:
    adopt(project, str(repository({"one.py": APP, "two.py": APP})), app="two:app")
    assert first_page(project) == "a page of two"


def test_app_may_have_arguments(project: Path, repository: Write) -> None:
    adopt(project, str(repository({"shop.py": REQUIRED})), app='shop:create_app("a b")')
    assert first_page(project) == "made with a b"


def test_an_app_that_is_not_there_is_refused_with_those_that_are(project: Path, repository: Write) -> None:
    with pytest.raises(AdoptError, match=r"APP names 'two:app'.*no module two.*one:app"):
        adopt(project, str(repository({"one.py": APP})), app="two:app")


def test_nothing_of_the_repository_is_run(project: Path, repository: Write, tmp_path: Path) -> None:
    trap = f"open({str(tmp_path / 'trap')!r}, 'w')\n"
    files = {"app.py": APP + trap, "gunicorn.conf.py": trap, "setup.py": trap, "conftest.py": trap}
    adopt(project, str(repository(files)))
    assert not (tmp_path / "trap").exists()
