"""Test which static files are published for the proxy: those that everybody always gets, and no others."""

from collections.abc import Callable
from functools import partial, wraps
from pathlib import Path
from typing import Any

import pytest
from flask import Blueprint, Flask, Response, abort, request, request_finished, request_started, session

from service.kit import Settings, init_app
from service.kit.static_checks import reason_against
from service.kit.static_files import publish


@pytest.fixture
def published(tmp_path: Path, settings: Settings) -> Callable[..., set[str]]:
    """Return a function that puts the kit into an app with some files, and names those that are published."""
    files, shared = tmp_path / "files", tmp_path / "shared"
    shared.mkdir()

    def result(
        change: Callable[[Flask], Any] = lambda _: None,
        cls: type[Flask] = Flask,
        settings: Settings = settings,
        **options: Any,
    ) -> set[str]:
        app = cls("theirs", static_folder=str(files), **options)
        for name in (
            "app.css",
            "img/logo.png",
            "page.html",
            ".hidden.css",
            "with space.css",
            "a.css.png",
            "data.bin",
        ):
            (files / name).parent.mkdir(parents=True, exist_ok=True)
            (files / name).write_text(name)
        change(app)
        init_app(app, settings)
        publish(app, shared)
        top = shared / "static"
        return {f"/{path.relative_to(top)}" for path in top.rglob("*") if path.is_file()}

    return result


def test_plain_files_of_known_types_are_published(published: Callable[..., set[str]]) -> None:
    assert published() == {"/files/app.css", "/files/img/logo.png", "/files/page.html"}


def test_they_are_published_under_their_url(published: Callable[..., set[str]]) -> None:
    assert "/assets/v1/app.css" in published(static_url_path="/assets/v1")


def test_a_blueprint_publishes_its_own(published: Callable[..., set[str]], tmp_path: Path) -> None:
    folder = tmp_path / "shop"
    folder.mkdir()
    (folder / "shop.css").write_text("x")

    def add(app: Flask) -> None:
        app.register_blueprint(Blueprint("shop", "shop", static_folder=str(folder), url_prefix="/shop"))

    assert "/shop/shop/shop.css" in published(add)


def login(app: Flask) -> None:
    app.before_request(lambda: None if request.authorization else abort(401))


def cookie(app: Flask) -> None:
    app.secret_key = "x" * 16

    @app.after_request
    def visit(response: Response) -> Response:
        session["visits"] = 1
        return response


def layer(app: Flask) -> None:
    app.wsgi_app = partial(app.wsgi_app)  # type: ignore[method-assign]


def other_view(app: Flask) -> None:
    app.view_functions["static"] = lambda **_: abort(401)


def decorated_view(app: Flask) -> None:
    view = app.view_functions["static"]

    @wraps(view)
    def checked(**values: Any) -> Any:
        return view(**values) if request.authorization else abort(401)

    app.view_functions["static"] = checked


def view_for_most(app: Flask) -> None:
    view = app.view_functions["static"]

    def given(**values: Any) -> Any:
        return abort(403) if "blocked" in request.cookies else view(**values)

    app.view_functions["static"] = given


def signal(app: Flask) -> None:
    app.extensions["receiver"] = lambda *_, **__: None
    request_started.connect(app.extensions["receiver"], app)


def signal_at_the_end(app: Flask) -> None:
    app.extensions["receiver"] = lambda *_, **__: None
    request_finished.connect(app.extensions["receiver"], app)


def replaced_method(app: Flask) -> None:
    sends = app.send_static_file

    def some(filename: str) -> Response:
        return sends(filename) if request.user_agent else abort(401)

    app.send_static_file = some  # type: ignore[method-assign]


CHANGES = [
    login,
    cookie,
    layer,
    other_view,
    decorated_view,
    view_for_most,
    signal,
    signal_at_the_end,
    replaced_method,
    lambda app: app.config.update(SEND_FILE_MAX_AGE_DEFAULT=3600),
    lambda app: app.url_value_preprocessor(lambda *_: None),
    lambda app: app.after_request(lambda response: response),
]


@pytest.mark.parametrize("change", CHANGES)
def test_nothing_is_published_where_the_app_could_answer_otherwise(
    published: Callable[..., set[str]], change: Callable[[Flask], Any]
) -> None:
    assert published(change) == set()


class Overridden(Flask):
    def dispatch_request(self) -> Any:
        return abort(401)


def test_nor_where_a_subclass_answers(published: Callable[..., set[str]]) -> None:
    assert published(cls=Overridden) == set()


@pytest.mark.parametrize("host", ["www.example.com", "localhost"])  # the latter is that of a test request
def test_nor_where_hosts_differ(published: Callable[..., set[str]], host: str) -> None:
    assert published(host_matching=True, static_host=host) == set()


def test_nor_where_subdomains_differ(published: Callable[..., set[str]]) -> None:
    def name(app: Flask) -> None:
        app.config["SERVER_NAME"] = "example.com"

    assert published(name, subdomain_matching=True) == set()


def test_a_view_of_the_apps_own_at_a_files_url_wins(published: Callable[..., set[str]]) -> None:
    assert published(lambda app: app.add_url_rule("/files/app.css", view_func=lambda: "own")) == {
        "/files/img/logo.png",
        "/files/page.html",
    }


def test_a_view_that_gives_a_file_to_some_keeps_it(published: Callable[..., set[str]]) -> None:
    def some(app: Flask) -> None:
        @app.get("/files/img/<path:name>")
        def image(name: str) -> Response:
            return abort(403) if "blocked" in request.cookies else app.send_static_file(f"img/{name}")

    assert published(some) == {"/files/app.css", "/files/page.html"}


def test_a_hook_of_another_blueprint_changes_nothing(published: Callable[..., set[str]]) -> None:
    def add(app: Flask) -> None:
        members = Blueprint("members", "members")
        members.before_request(lambda: abort(401))
        app.register_blueprint(members)

    assert "/files/app.css" in published(add)


def test_a_blueprint_with_a_hook_keeps_its_files(published: Callable[..., set[str]], tmp_path: Path) -> None:
    folder = tmp_path / "members"
    folder.mkdir()
    (folder / "list.css").write_text("x")

    def add(app: Flask) -> None:
        members = Blueprint("members", "members", static_folder=str(folder), url_prefix="/members")
        members.before_request(lambda: abort(401))
        outer = Blueprint("outer", "outer")
        outer.register_blueprint(members)
        app.register_blueprint(outer)

    assert published(add) == {"/files/app.css", "/files/img/logo.png", "/files/page.html"}


def test_the_first_worker_publishes_for_all(published: Callable[..., set[str]], tmp_path: Path) -> None:
    before = published()
    (tmp_path / "files" / "late.css").write_text("x")
    assert published() == before


def test_a_folder_that_cannot_be_written_leaves_the_files_to_the_app(
    settings: Settings, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    app = Flask("theirs")
    init_app(app, settings)
    publish(app, tmp_path / "missing")
    assert "The app serves its static files itself" in caplog.text


def test_equal_content_has_an_equal_tag_and_other_content_another(
    published: Callable[..., set[str]], tmp_path: Path
) -> None:
    published()
    times = {path.name: path.stat().st_mtime for path in (tmp_path / "shared" / "static").rglob("*.*")}
    assert len(set(times.values())) == len(times)


def test_the_reason_is_a_sentence(settings: Settings) -> None:
    app = Flask("theirs")
    login(app)
    init_app(app, settings)
    assert str(reason_against(app)).startswith("has a hook that sees every request")


def test_what_a_policy_applies_to_is_left_to_the_app_where_one_is_enforced(
    published: Callable[..., set[str]], settings: Settings
) -> None:
    enforced = settings.model_copy(update={"csp": "enforce"})
    assert published(lambda _app: None, settings=enforced) == {"/files/app.css", "/files/img/logo.png"}
