"""Test what an adoption writes, keeps and refuses: all or nothing, never over a team's own edit."""

import json
import os
import runpy
import subprocess
import sys
from pathlib import Path

import pytest

from infra.parameters import NewSecret
from tests.adopt.conftest import Write
from tests.adopt.repositories import APP, FACTORY
from tests.adopt.test_find_app import contents, first_page
from tests.checkout import ROOT
from tools.adopt import write
from tools.adopt.__main__ import adopt, main
from tools.adopt.errors import AdoptError
from tools.adopt.report import Report

MIGRATIONS = {"migrations/env.py": "", "migrations/script.py.mako": "", "migrations/versions/1_a.py": ""}


def said(report: Report, verdict: str) -> str:
    return "\n".join(
        f"{row.source} | {row.given} | {row.here}" for row in report.rows if row.verdict == verdict
    )


def git(folder: Path, *words: str) -> None:
    names = ("-c", "user.name=Team", "-c", "user.email=team@example.com")
    subprocess.run(["git", *names, *words], cwd=folder, check=True, capture_output=True)


def test_the_code_keeps_its_layout_and_tests_and_tools_stay_behind(project: Path, repository: Write) -> None:
    files = {
        "shop/__init__.py": FACTORY,
        "shop/templates/a.html": "",
        "shop/static/a.css": "",
        "config.py": "",
        "data/rates.json": "{}",
        **MIGRATIONS,
        "tests/test_shop.py": "",
        "shop/test_views.py": "",
        "Dockerfile": "FROM python:3.12\n",
        "README.md": "",
        ".github/workflows/a.yml": "",
        "Makefile": "",
        "requirements.txt": "flask\n",
        ".env": "KEY=secret",
        "deploy/a.tf": "",
    }
    adopt(project, str(repository(files)))
    copied = set(contents(project / "service" / "src"))
    assert copied == {
        "shop/__init__.py",
        "shop/templates/a.html",
        "shop/static/a.css",
        "config.py",
        "data/rates.json",
        *MIGRATIONS,
    }


def test_a_file_that_the_code_names_comes_along(project: Path, repository: Write) -> None:
    code = APP + "text = open('README.md').read()\n"
    adopt(project, str(repository({"app.py": code, "README.md": "hello", "LICENSE": ""})))
    assert set(contents(project / "service" / "src")) == {"app.py", "README.md"}


@pytest.mark.parametrize("with_git", [True, False], ids=["git", "no git"])
def test_what_git_and_docker_ignore_stays_behind(with_git: bool, project: Path, repository: Write) -> None:
    folder = repository(
        {
            "app.py": APP,
            "big.db": "x",
            "keep/a.txt": "",
            "notes/b.txt": "",
            ".gitignore": "*.db\n",
            ".dockerignore": "# c\nnotes\n*.tmp\n",
            "a.tmp": "",
        }
    )
    if with_git:
        git(folder, "init", "--quiet")
        git(folder, "add", "--all")
        git(folder, "commit", "--quiet", "--message", "All")
    adopt(project, str(folder))
    assert set(contents(project / "service" / "src")) == {"app.py", "keep/a.txt"}


def test_the_sample_is_replaced_and_kept_aside(project: Path, repository: Write) -> None:
    sample = contents(project / "service" / "app")
    report = adopt(project, str(repository({"app.py": APP})))
    assert set(contents(project / "service" / "app")) == {"__init__.py", "settings.py"}
    assert set(contents(project / "tests" / "app")) == {"conftest.py", "test_app.py"}
    assert contents(project / ".local" / "adopt" / "before" / "service" / "app") == sample
    assert ".local/adopt/before" in said(report, "set otherwise")


def test_only_rooms_of_the_team_are_written(project: Path, repository: Write) -> None:
    before = contents(project)
    adopt(project, str(repository({"app.py": APP, "requirements.txt": "flask\n", **MIGRATIONS})))
    after = contents(project)
    changed = {name for name in before | after if before.get(name) != after.get(name)}
    rooms = (
        "service/app/",
        "service/src/",
        "tests/app/",
        "infra/environments.py",
        "service/requirements.in",
        ".adopted.json",
        ".local/",
    )
    assert [name for name in changed if not name.startswith(rooms)] == []


def test_a_second_time_changes_nothing(project: Path, repository: Write) -> None:
    folder = repository(
        {
            "app.py": APP,
            "Procfile": "web: gunicorn -w 2 app:app\nrelease: flask db upgrade\n",
            "requirements.txt": "flask\n",
        }
    )
    adopt(project, str(folder))
    once = contents(project)
    adopt(project, str(folder))
    assert contents(project) == once


def test_a_second_time_brings_what_has_changed_there(project: Path, repository: Write) -> None:
    adopt(
        project,
        str(repository({"app.py": APP, "old.py": "", "Dockerfile": "FROM python:3.12\nENV COLOUR=red\n"})),
    )
    folder = repository(
        {
            "app.py": APP.replace("a page", "another page"),
            "new.py": "",
            "Dockerfile": "FROM python:3.12\nENV COLOUR=blue\n",
        }
    )
    (folder / "old.py").unlink()
    adopt(project, str(folder))
    assert set(contents(project / "service" / "src")) == {"app.py", "new.py"}
    assert first_page(project) == "another page of app"
    assert runpy.run_path(str(project / "infra" / "environments.py"))["VARIABLES"] == {"COLOUR": "blue"}


def test_a_teams_own_edits_are_kept_and_told(project: Path, repository: Write) -> None:
    dockerfile = "FROM python:3.12\nENV COLOUR={}\n"
    adopt(
        project,
        str(
            repository(
                {"app.py": APP, "Dockerfile": dockerfile.format("red"), "gunicorn.conf.py": "threads = 4\n"}
            )
        ),
    )
    entry, environments = project / "service" / "app" / "__init__.py", project / "infra" / "environments.py"
    entry.write_text(entry.read_text() + "# ours\n")
    edited = (
        environments.read_text()
        .replace("threads=4", "threads=6")
        .replace('name="dev",', 'name="dev",  # ours\n    execute_command=True,')
    )
    environments.write_text(edited)
    report = adopt(
        project,
        str(repository({"Dockerfile": dockerfile.format("blue"), "gunicorn.conf.py": "threads = 8\n"})),
    )
    assert entry.read_text().endswith("# ours\n")
    written = runpy.run_path(str(environments))
    dev, prod = written["ENVIRONMENTS"][0], written["ENVIRONMENTS"][-1]
    assert "# ours" in environments.read_text()
    assert (dev.tasks.threads, dev.execute_command, prod.variables) == (6, True, {"COLOUR": "blue"})
    assert "kept, because you changed it since" in said(report, "left to you")


def test_a_file_that_both_changed_is_kept_and_told(project: Path, repository: Write) -> None:
    adopt(project, str(repository({"app.py": APP, "config.py": "A = 1\n"})))
    own = project / "service" / "src" / "config.py"
    own.write_text("A = 2\n")
    report = adopt(project, str(repository({"config.py": "A = 3\n"})))
    assert own.read_text() == "A = 2\n"
    assert "service/src/config.py" in said(report, "left to you")


def test_uncommitted_changes_are_not_replaced(project: Path, repository: Write) -> None:
    for words in (("init", "--quiet"), ("add", "--all"), ("commit", "--quiet", "--message", "Kit")):
        git(project, *words)
    (project / "infra" / "environments.py").write_text(
        (project / "infra" / "environments.py").read_text() + "# begun\n"
    )
    before = contents(project / "service")
    with pytest.raises(AdoptError, match=r"infra/environments.py has changes that are not committed"):
        adopt(project, str(repository({"app.py": APP})))
    assert contents(project / "service") == before


def test_a_failure_while_writing_puts_everything_back(
    project: Path, repository: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, before, rename = repository({"app.py": APP, "b.py": ""}), contents(project), Path.rename

    def fail(self: Path, target: Path) -> Path:
        if Path(target).name == "b.py":
            raise OSError(28, "No space left on device", str(target))
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", fail)
    with pytest.raises(AdoptError, match=r"No space left on device.*all files are as they were"):
        adopt(project, str(folder))
    assert contents(project) == before


def test_a_link_out_of_the_repository_is_refused(project: Path, repository: Write, tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("secret")
    folder = repository({"app.py": APP})
    (folder / "data.txt").symlink_to(tmp_path / "secret.txt")
    before = contents(project)
    with pytest.raises(AdoptError, match=r"data.txt is a link to .*secret.txt, outside of the repository"):
        adopt(project, str(folder))
    assert contents(project) == before


def test_a_link_within_the_repository_is_copied_as_a_file(project: Path, repository: Write) -> None:
    folder = repository({"app.py": APP, "real.txt": "text"})
    (folder / "data.txt").symlink_to("real.txt")
    adopt(project, str(folder))
    copy = project / "service" / "src" / "data.txt"
    assert (copy.read_text(), copy.is_symlink()) == ("text", False)


def test_a_huge_file_is_left_and_told(project: Path, repository: Write) -> None:
    folder = repository({"app.py": APP})
    with (folder / "model.bin").open("wb") as file:
        file.truncate(60 * 1024**2)
    report = adopt(project, str(folder))
    assert not (project / "service" / "src" / "model.bin").exists()
    assert "model.bin | 60 MiB | not copied" in said(report, "left to you")


@pytest.mark.parametrize("name", ["service", "infra", "tools"])
def test_a_package_with_a_name_of_the_kit_is_refused_if_the_app_imports_it(
    name: str, project: Path, repository: Write
) -> None:
    with pytest.raises(AdoptError, match=f"the app imports {name}, but the kit has a package of that name"):
        adopt(
            project,
            str(
                repository(
                    {
                        "app.py": f"import {name}.routes\n{APP}",
                        f"{name}/__init__.py": "",
                        f"{name}/routes.py": "",
                    }
                )
            ),
        )


def test_a_folder_with_a_name_of_the_kit_that_the_app_does_not_import_is_left(
    project: Path, repository: Write
) -> None:
    report = adopt(project, str(repository({"app.py": APP, "tools/build.py": ""})))
    assert set(contents(project / "service" / "src")) == {"app.py"}
    assert "tools" in said(report, "left to you")


@pytest.mark.parametrize(
    ("given", "said_"),
    [
        ("gone", "FROM is 'gone', and there is no such folder"),
        (".", "which has this project in it or is in it"),
        ("service", "which has this project in it or is in it"),
    ],
)
def test_a_folder_that_cannot_be_is_refused(
    given: str, said_: str, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(project)
    with pytest.raises(AdoptError, match=said_):
        adopt(project, given)


def test_a_damaged_record_ends_with_a_sentence(project: Path, repository: Write) -> None:
    (project / ".adopted.json").write_text("{")
    with pytest.raises(AdoptError, match=r"\.adopted\.json is damaged: restore it from git, or delete it"):
        adopt(project, str(repository({"app.py": APP})))


def test_a_record_has_no_path_of_this_machine(project: Path, repository: Write, tmp_path: Path) -> None:
    adopt(project, str(repository({"app.py": APP})))
    assert str(tmp_path) not in (project / ".adopted.json").read_text()
    assert set(json.loads((project / ".adopted.json").read_text())) == {"files", "environments"}


def test_a_failure_is_one_line_and_exit_code_1(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["no such folder"]) == 1
    assert "Nothing was written: FROM is 'no such folder'" in " ".join(capsys.readouterr().err.split())


def test_without_from_the_usage_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main([""])
    assert ended.value.code == 2
    assert "make adopt FROM=../their-repo" in capsys.readouterr().err


# --- packages -------------------------------------------------------------------------------------

PYPROJECT = (
    "[project]\nname = 'shop'\nversion = '1.2'\ndependencies = ['flask', "
    "'psycopg']\n[project.optional-dependencies]\nmail = ['flask-mail']\n"
)


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        (
            {"uv.lock": "a", "pyproject.toml": PYPROJECT},
            {
                "uv.lock": "a",
                "pyproject.toml": PYPROJECT,
                "requirements.in": "# Yours: packages beside those of uv.lock, which `make lock` takes as "
                "it is.\n",
            },
        ),
        (
            {"poetry.lock": "a", "pyproject.toml": PYPROJECT},
            {"poetry.lock": "a", "pyproject.toml": PYPROJECT},
        ),
        ({"Pipfile.lock": "{}", "Pipfile": "b"}, {"Pipfile.lock": "{}", "Pipfile": "b"}),
        ({"requirements.txt": "flask==3.0.0\n-e .\n"}, {"requirements.in": "flask==3.0.0\n-e .\n"}),
        (
            {
                "requirements.txt": "-r requirements/base.txt\n",
                "requirements/base.txt": "flask\n-c limits.txt\n",
                "requirements/limits.txt": "a==1\n",
            },
            {
                "requirements.in": "-r requirements/base.txt\n",
                "requirements/base.txt": "flask\n-c limits.txt\n",
                "requirements/limits.txt": "a==1\n",
            },
        ),
        (
            {"pyproject.toml": PYPROJECT},
            {
                "requirements.in": "# Yours: the packages of the app. `make lock` locks them with "
                "hashes.\nflask\npsycopg\n"
            },
        ),
        (
            {"setup.py": "from setuptools import setup\nsetup(install_requires=['flask>=2', 'redis'])\n"},
            {
                "requirements.in": "# Yours: the packages of the app. `make lock` locks them with "
                "hashes.\nflask>=2\nredis\n"
            },
        ),
        (
            {
                "requirements.txt": "flask\n",
                "Dockerfile": "FROM a\nRUN pip install -r requirements.txt gunicorn PyMySQL==1.1\n",
            },
            {"requirements.in": "flask\nPyMySQL==1.1\n"},
        ),
        (
            {
                "requirements.txt": "flask\n",
                "requirements/prod.txt": "flask\nredis\n",
                "Dockerfile": "FROM a\nRUN pip install --no-cache-dir -r requirements/prod.txt\n",
            },
            {"requirements.in": "flask\nredis\n"},
        ),
        (
            {"pyproject.toml": PYPROJECT, "Dockerfile": "FROM a\nRUN pip install -e .[mail]\n"},
            {
                "requirements.in": "# Yours: the packages of the app. `make lock` locks them with "
                "hashes.\nflask\npsycopg\nflask-mail\n"
            },
        ),
        (
            {"pyproject.toml": PYPROJECT, "mail.py": "try:\n    import flask_mail\nexcept: ...\n"},
            {
                "requirements.in": "# Yours: the packages of the app. `make lock` locks them with "
                "hashes.\nflask\npsycopg\nflask-mail\n"
            },
        ),
        (
            {
                "uv.lock": "a",
                "pyproject.toml": PYPROJECT,
                "requirements.txt": "flask\n",
                "Dockerfile": "FROM a\nRUN pip install -r requirements.txt\n",
            },
            {"requirements.in": "flask\n"},
        ),
    ],
    ids=[
        "uv",
        "poetry",
        "pipenv",
        "requirements",
        "includes",
        "pyproject",
        "setup.py",
        "more by pip",
        "those of the Dockerfile",
        "an extra",
        "an extra that the code imports",
        "two, and what the image has",
    ],
)
def test_the_lock_or_the_requirements_are_taken_as_they_are(
    files: dict[str, str], expected: dict[str, str], project: Path, repository: Write
) -> None:
    adopt(project, str(repository({"app.py": APP, **files})))
    names = (
        "uv.lock",
        "poetry.lock",
        "Pipfile.lock",
        "Pipfile",
        "pyproject.toml",
        "requirements.in",
        "requirements/base.txt",
        "requirements/limits.txt",
    )
    found = {
        name: (project / "service" / name).read_text()
        for name in names
        if (project / "service" / name).is_file()
    }
    found.pop("requirements.in") if "requirements.in" not in expected else None
    assert found == expected


def test_requirements_that_include_what_is_not_there_are_refused(project: Path, repository: Write) -> None:
    with pytest.raises(
        AdoptError, match=r"requirements.txt includes base.txt, which is no file of the repository"
    ):
        adopt(project, str(repository({"app.py": APP, "requirements.txt": "-r base.txt\n"})))


def test_debian_packages_are_named_for_the_image(project: Path, repository: Write) -> None:
    run = (
        "RUN apt-get update && apt-get install -y --no-install-recommends \\\n  build-essential "
        "libpq-dev libmagic1=5.4 python3-pip && rm -rf /x\n"
    )
    adopt(project, str(repository({"app.py": APP, "Dockerfile": f"FROM python:3.12\n{run}"})))
    lines = (project / "service" / "apt-packages.txt").read_text().splitlines()[1:]
    assert lines == ["build: build-essential", "build: libpq-dev", "libpq5", "libmagic1"]


def test_an_app_that_asks_for_its_own_version_finds_it(project: Path, repository: Write) -> None:
    code = APP.replace('return "a page of " + __name__', "return version('shop')")
    adopt(
        project,
        str(
            repository(
                {"app.py": f"from importlib.metadata import version\n{code}", "pyproject.toml": PYPROJECT}
            )
        ),
    )
    assert first_page(project) == "1.2"


# --- what the code reads --------------------------------------------------------------------------


def test_what_the_code_cannot_start_without_is_declared_or_told(project: Path, repository: Write) -> None:
    code = (
        "import os\nURL = os.environ['DATABASE_URL']\nTOKEN = os.environ['API_TOKEN']\nREGION = "
        "os.environ['SHOP_REGION']\nMAIL = os.getenv('MAIL_SERVER')\n"
    )
    report = adopt(project, str(repository({"app.py": code + APP})))
    dev = runpy.run_path(str(project / "infra" / "environments.py"))["ENVIRONMENTS"][0]
    assert {*dev.secrets} == {"DATABASE_URL", "API_TOKEN", "SECRET_KEY"}
    left = said(report, "left to you")
    assert "SHOP_REGION | the code ends without it" in left
    assert "variables of the code | MAIL_SERVER" in left


@pytest.mark.parametrize(
    ("name", "made"),
    [
        ("JWT_SECRET_KEY", True),
        ("STRIPE_SECRET_KEY", False),
        ("PAYMENTS_SIGNING_KEY", False),
        ("DATABASE_URL", False),
    ],
)
def test_only_a_secret_that_nobody_else_has_to_know_is_made_by_the_stack(
    name: str, made: bool, project: Path, repository: Write
) -> None:
    adopt(project, str(repository({"app.py": f"import os\nX = os.environ['{name}']\n{APP}"})))
    dev = runpy.run_path(str(project / "infra" / "environments.py"))["ENVIRONMENTS"][0]
    assert isinstance(dev.secrets[name], NewSecret) == made


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (
            "from werkzeug.middleware.proxy_fix import ProxyFix\napp.wsgi_app = ProxyFix(app.wsgi_app)\n",
            "the kit puts one around the app",
        ),
        ("from flask_socketio import SocketIO\nio = SocketIO(app)\n", "each open socket takes a thread"),
        ("import logging\nlogging.FileHandler('a.log')\n", "log to stdout"),
        ("URI = 'sqlite:////tmp/shop.db'\n", "a task's disk ends with it"),
        ("URI = 'sqlite:///shop.db'\n", "it does not start: for a first look, sqlite:////tmp/app.db in dev"),
        (
            "from os import environ\nURI = environ.get('SHOP_DB') or 'sqlite:///' + __file__\n",
            'for a first look, `variables={"SHOP_DB": "sqlite:////tmp/app.db"}` in dev',
        ),
    ],
)
def test_code_that_means_something_else_in_a_task_is_told(
    code: str, words: str, project: Path, repository: Write
) -> None:
    report = adopt(project, str(repository({"app.py": APP + code})))
    assert words in said(report, "left to you")


def test_clients_of_socketio_stay_with_one_process_in_every_environment(
    project: Path, repository: Write
) -> None:
    code = f"from flask_socketio import SocketIO\n{APP}io = SocketIO(app)\n"
    adopt(project, str(repository({"app.py": code, "Procfile": "web: gunicorn --workers 4 app:app\n"})))
    names = runpy.run_path(str(project / "infra" / "environments.py"))
    for each in (*names["ENVIRONMENTS"], names["preview"](7)):
        assert (each.tasks.gunicorn_workers, each.routing.sticky_s) == (1, 3600)


@pytest.mark.parametrize(
    ("files", "command"),
    [
        ({"app.py": APP + "from flask_migrate import Migrate\n", **MIGRATIONS}, ("flask", "db", "upgrade")),
        (
            {
                "shop/__init__.py": APP + "from flask_migrate import Migrate\n",
                **{f"shop/{name}": text for name, text in MIGRATIONS.items()},
            },
            ("flask", "db", "upgrade", "--directory", "shop/migrations"),
        ),
        (
            {"app.py": APP, "alembic.ini": "", "alembic/env.py": "", "alembic/script.py.mako": ""},
            ("alembic", "upgrade", "head"),
        ),
        (
            {"app.py": APP, "Procfile": "release: ./manage.py seed && flask db upgrade\n"},
            ("sh", "-c", "./manage.py seed && flask db upgrade"),
        ),
        (
            {"app.py": APP, "Procfile": "release: flask --app app db upgrade\nweb: gunicorn app:app\n"},
            ("flask", "db", "upgrade"),
        ),
        (
            {
                "app.py": APP,
                "apprunner.yaml": "run:\n  pre-run:\n    - flask db upgrade\n  command: gunicorn app:app\n",
            },
            ("flask", "db", "upgrade"),
        ),
        (
            {
                "app.py": APP,
                ".ebextensions/db.config": "container_commands:\n  01_migrate:\n    command: flask db "
                "upgrade\n    leader_only: true\n",
            },
            ("flask", "db", "upgrade"),
        ),
        ({"app.py": APP}, ()),
    ],
    ids=[
        "Flask-Migrate",
        "in the package",
        "Alembic",
        "a shell's",
        "with --app",
        "App Runner",
        "Beanstalk",
        "none",
    ],
)
def test_migrations_are_the_release_command(
    files: dict[str, str], command: tuple[str, ...], project: Path, repository: Write
) -> None:
    adopt(project, str(repository(files)))
    written = runpy.run_path(str(project / "infra" / "environments.py"))
    assert {each.release_command for each in (*written["ENVIRONMENTS"], written["preview"](1))} == {command}


def test_the_first_test_of_the_app_passes(project: Path, repository: Write) -> None:
    adopt(
        project,
        str(
            repository({"app.py": "import os, warnings\nos.environ['API_KEY']\nwarnings.warn('old')\n" + APP})
        ),
    )
    path = os.pathsep.join((str(project / "service" / "src"), str(project)))
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-n", "0", "-p", "no:cacheprovider", "tests/app"],
        cwd=project,
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, "1 passed" in done.stdout) == (0, True), done.stdout + done.stderr


def test_what_adopt_writes_is_clean_for_ruff_and_mypy(project: Path, repository: Write) -> None:
    adopt(project, str(repository({"shop/__init__.py": FACTORY, "Dockerfile": "FROM a\nENV A=b\n"})))
    rooms = ["infra/environments.py", "service/app/__init__.py", "service/app/settings.py"]
    config = ["--config", str(project / "pyproject.toml")]
    # The app itself has no types, and need not have any.
    mypy = ["mypy", "--strict", "--allow-untyped-calls"]
    for words in (
        ["ruff", "format", "--check", *config],
        ["ruff", "check", *config],
        [*mypy, "--follow-imports=silent"],
    ):
        done = subprocess.run(
            [sys.executable, "-m", *words, *rooms],
            cwd=project,
            env={**os.environ, "MYPYPATH": f"{project / 'service' / 'src'}:{ROOT}"},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr


def test_write_removes_nothing_that_it_did_not_write(project: Path, repository: Write) -> None:
    own = project / "service" / "src" / "ours" / "__init__.py"
    own.parent.mkdir()
    own.write_text("")
    adopt(project, str(repository({"app.py": APP})))
    assert own.exists()
    assert str(own.relative_to(project)) not in write.read_record(project).files
