"""Test that no app starts whose sessions anybody could make, or whose first login would fail."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.sessions import SessionInterface

from service.kit import Settings, init_app
from service.kit.config import told
from service.kit.public_keys import PUBLISHED, is_public

GOOD = "3f9c1d7e5b8a2046c1d7"
USES = {
    "session": "from flask import session\ndef view(): session['user'] = 1; return ''",
    "flask.session": "import flask\ndef view(): flask.session['user'] = 1; return ''",
    "another name": "from flask import session as kept\ndef view(): kept['user'] = 1; return ''",
    "inside": "def view():\n    from flask import session\n    session['user'] = 1\n    return ''",
    "flash": "from flask import flash\ndef view(): flash('saved'); return ''",
    "a class": "from flask import session as s\nclass V:\n  def get(self): s['a'] = 1\ndef view(): return ''",
    "a helper": "import lab_helper\ndef view(): return ''",
}
USES_NOT = {
    "import *": "from flask import *\ndef view(): return ''",
    "an import": "from flask import session, flash\ndef view(): return ''",
    "another session": "def view():\n    session = {}\n    session['user'] = 1\n    return ''",
    "a database's session": "class db: session = {}\ndef view(): db.session['user'] = 1; return ''",
    "flask without it": "import flask\ndef view(): return flask.jsonify({})",
}


@pytest.fixture(autouse=True)
def _forget() -> Iterator[None]:
    before = {*sys.modules}
    yield
    for name in {*sys.modules} - before:
        if name.startswith("lab"):
            del sys.modules[name]


def app_of(source: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Flask:
    """Return an app whose view is that of this source, in a package of its own."""
    monkeypatch.syspath_prepend(folder)
    package = folder / "lab"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "helper.py").write_text("from flask import session\ndef log_in(): session['user'] = 1\n")
    (package / "views.py").write_text(source.replace("lab_helper", "lab.helper"))
    views: Any = __import__("lab.views", fromlist=["view"])
    app = Flask("lab")
    app.add_url_rule("/", "view", views.view)
    return app


def install(app: Flask, environment: str = "prod", **settings: Any) -> Flask:
    given = {"environment": environment, "version": "1", "proxy_hops": 0, **settings}
    init_app(app, Settings.model_validate(given))
    return app


@pytest.mark.parametrize("source", USES.values(), ids=USES)
def test_an_app_that_writes_sessions_does_not_start_without_a_key(
    source: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    app = app_of(source, tmp_path, monkeypatch)
    with pytest.raises(SystemExit) as stopped:
        install(app)
    assert stopped.value.code == 3
    (sentence,) = capsys.readouterr().err.splitlines()
    assert sentence.startswith("service cannot start: the app uses sessions (lab.")
    assert "secrets.token_hex" in sentence


@pytest.mark.parametrize("source", USES.values(), ids=USES)
def test_it_starts_with_one(source: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert install(app_of(source, tmp_path, monkeypatch), secret_key=GOOD).secret_key == GOOD


@pytest.mark.parametrize("source", USES_NOT.values(), ids=USES_NOT)
def test_an_app_without_sessions_needs_no_key(
    source: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert install(app_of(source, tmp_path, monkeypatch)).secret_key is None


def test_an_app_that_keeps_sessions_by_itself_needs_no_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = app_of(USES["session"], tmp_path, monkeypatch)
    app.session_interface = SessionInterface()
    assert install(app).secret_key is None


def test_on_a_developers_machine_sessions_work_without_a_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = app_of(USES["session"], tmp_path, monkeypatch)
    assert install(app, environment="local").test_client().get("/").status_code == 200


@pytest.mark.parametrize("name", ["SECRET_KEY", "JWT_SECRET_KEY", "WTF_CSRF_SECRET_KEY"])
@pytest.mark.parametrize("key", ["you-will-never-guess", b"dev", "changeme", "short", PUBLISHED[0]])
def test_an_app_does_not_start_with_a_key_that_everybody_knows_or_finds(
    name: str, key: str | bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    app = Flask(__name__)
    app.config[name] = key
    with pytest.raises(SystemExit):
        install(app)
    said = capsys.readouterr().err
    assert said.startswith(f"service cannot start: {name} ")
    assert "secrets.token_hex" in said


def test_a_key_that_the_kit_is_given_is_looked_at_too() -> None:
    with pytest.raises(SystemExit):
        install(Flask(__name__), secret_key="change-me-in-production")


def test_a_key_of_yesterday_that_everybody_knows_is_refused() -> None:
    app = Flask(__name__)
    app.config["SECRET_KEY_FALLBACKS"] = ["dev"]
    with pytest.raises(SystemExit):
        install(app, secret_key=GOOD)


def test_a_variable_takes_the_place_of_a_public_key_of_the_app() -> None:
    app = Flask(__name__)
    app.config["SECRET_KEY"] = "dev"
    assert install(app, secret_key=GOOD).config["SECRET_KEY"] == GOOD


@pytest.mark.parametrize(
    "key",
    [
        *PUBLISHED,
        "You will never guess!",
        "a-very-secret-key-that-you-should-change",
        "your_secret_key_here",
        "mysupersecretkey123",
        "flask-insecure-key",
        "please-change-this-secret",
    ],
)
def test_a_published_key_is_found_however_it_is_written(key: str) -> None:
    assert is_public(key)


@pytest.mark.parametrize(
    "key",
    [
        "192b9bdd22ab9ed4d12e236c78afcb9a393ec15f71bbf5dc987d54727823bcbe",
        "secret-3f9c1d7e5b8a2046",
        "correct horse battery staple",
        "kkkkkkkkkkkkkkkkkkkk",
        "B7p/0Jq2m9XvT1zs",
    ],
)
def test_another_key_is_not(key: str) -> None:
    assert not is_public(key)


def test_a_route_that_raises_the_limit_of_bodies_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = "from flask import request\ndef view(): request.max_content_length = 9; return ''"
    (said,) = told(install(app_of(source, tmp_path, monkeypatch)))
    assert said.startswith("the app sets request.max_content_length")
