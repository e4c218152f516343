"""Test that the kit, installed after the app, adds missing parts and keeps what the app has decided."""

import importlib
import sys
from pathlib import Path
from typing import Any

import pytest
from flask import Blueprint, Flask, Request, request
from pydantic import SecretStr
from werkzeug.exceptions import HTTPException

from service.kit import Settings, init_app
from service.kit.config import told

SECRET = "a secret of more than 16 characters"


def install(app: Flask, **settings: Any) -> Flask:
    """Install the kit with these settings as if variables had set them."""
    given = {"environment": "test", "version": "1", "proxy_hops": 0, **settings}
    init_app(app, Settings.model_validate(given))
    return app


@pytest.fixture
def app() -> Flask:
    app = Flask(__name__)
    app.add_url_rule("/", "index", view_func=lambda: "hello")
    app.add_url_rule("/broken", "broken", view_func=lambda: str(1 / 0))
    return app


@pytest.mark.parametrize("error", [404, HTTPException, Exception])
def test_an_error_handler_of_the_app_stays(app: Flask, error: int | type[Exception]) -> None:
    app.register_error_handler(error, lambda _: ("not here", 404))
    assert install(app).test_client().get("/missing").text == "not here"


def test_a_handler_for_all_exceptions_handles_them_all(app: Flask) -> None:
    app.register_error_handler(Exception, lambda _: ("sorry", 500))
    assert install(app).test_client().get("/broken").text == "sorry"


def test_a_handler_of_a_blueprint_leaves_other_errors_to_the_kit(app: Flask) -> None:
    pages = Blueprint("pages", __name__)
    pages.register_error_handler(Exception, lambda _: ("sorry", 500))
    app.register_blueprint(pages)
    assert install(app).test_client().get("/missing").content_type == "application/problem+json"


def test_the_rate_limit_comes_before_the_hooks_of_the_app(app: Flask) -> None:
    asked: list[int] = []
    app.before_request(lambda: asked.append(1))
    client = install(app, rate_limit="1 per minute").test_client()
    assert [client.get("/").status_code for _ in range(3)] == [200, 429, 429]
    assert len(asked) == 1


def test_hooks_of_the_app_run_in_their_order(app: Flask) -> None:
    ran: list[str] = []
    app.before_request(lambda: ran.append("one"))
    app.before_request(lambda: ran.append("two"))
    app.teardown_request(lambda _: ran.append("end"))
    install(app, rate_limit="9 per minute").test_client().get("/")
    assert ran == ["one", "two", "end"]


def test_blueprints_of_the_app_may_be_called_like_modules_of_the_kit(app: Flask) -> None:
    for name in ("health", "prometheus", "metrics"):
        blueprint = Blueprint(name, __name__)
        blueprint.add_url_rule(f"/{name}/version", "version", lambda: "mine")
        app.register_blueprint(blueprint)
    client = install(app, rate_limit="1 per minute", prometheus_token=SECRET).test_client()
    assert client.get("/health/version").text == "mine"
    assert client.get("/health/version").status_code == 429, "only the kit's own paths are free of the limit"
    assert client.get("/version").status_code == 200


OWN = {
    "MAX_CONTENT_LENGTH": 7,
    "SECRET_KEY": "a key of the app's own",
    "TRUSTED_HOSTS": ["localhost"],
    "SESSION_COOKIE_SAMESITE": "Strict",
    "SESSION_COOKIE_HTTPONLY": False,
    "VERSION": "of the API",
    "RATE_LIMIT": "of something else",
}


def test_a_value_that_the_app_has_set_is_not_replaced_by_a_default(app: Flask) -> None:
    app.config.update(OWN)
    install(app)
    assert {name: app.config[name] for name in OWN} == OWN


def test_a_variable_goes_before_a_value_of_the_app(app: Flask) -> None:
    app.config.update(OWN)
    install(app, secret_key=SECRET, trusted_hosts="example.com")
    assert (app.config["SECRET_KEY"], app.config["TRUSTED_HOSTS"]) == (SECRET, ["example.com"])


@pytest.mark.parametrize(("own", "limit"), [(7, 7), (9, 9), (100, 9)])
def test_the_app_can_lower_the_limit_of_a_body_and_not_raise_it(app: Flask, own: int, limit: int) -> None:
    app.config["MAX_CONTENT_LENGTH"] = own
    assert install(app, max_content_length_bytes=9).config["MAX_CONTENT_LENGTH"] == limit


def test_defaults_fill_what_the_app_has_not_set(app: Flask) -> None:
    install(app)
    assert app.config["MAX_CONTENT_LENGTH"] == 10 * 1024**2
    assert app.config["SESSION_COOKIE_SAMESITE"] == "Lax"


def test_the_config_holds_no_secret_but_the_one_that_flask_signs_with(app: Flask) -> None:
    tokens = {"prometheus_token": f"{SECRET} p", "drill_token": f"{SECRET} d"}
    install(app, secret_key=f"{SECRET} k", **tokens)
    assert [name for name, value in app.config.items() if SECRET in str(value)] == ["SECRET_KEY"]
    assert {"PROMETHEUS_TOKEN", "DRILL_TOKEN"}.isdisjoint(app.config)


def test_a_route_of_the_app_goes_before_the_kits(app: Flask) -> None:
    app.add_url_rule("/version", "mine", lambda: "mine")
    app.add_url_rule("/healthz", "hidden", lambda: "mine")
    client = install(app).test_client()
    assert client.get("/version").text == "mine"
    assert client.get("/healthz").text == '{"status":"ok"}\n'


def test_no_secret_of_pydantic_is_left_in_the_config(app: Flask) -> None:
    app.config["JWT_SECRET_KEY"] = SecretStr(SECRET)
    install(app)
    assert app.config["JWT_SECRET_KEY"] == SECRET
    assert any(said.startswith("config JWT_SECRET_KEY was a SecretStr") for said in told(app))


@pytest.mark.parametrize(
    ("own", "limit", "said"),
    [
        (1024**2, "1 MiB by MAX_CONTENT_LENGTH of the app", True),
        (1000, "1000 bytes by MAX_CONTENT_LENGTH of the app", True),
        (50 * 1024**2, "10 MiB by max_body_mib of the environment", True),
        (10 * 1024**2, "", False),
        (None, "", False),
    ],
)
def test_which_of_two_limits_counts_is_said(app: Flask, own: int | None, limit: str, said: bool) -> None:
    app.config["MAX_CONTENT_LENGTH"] = own
    install(app)
    expected = [f"bodies may have {limit}, the stricter of two limits"] if said else []
    assert told(app) == expected


def test_a_variable_that_goes_before_the_apps_value_is_said(app: Flask) -> None:
    app.config.update(OWN)
    install(app, secret_key=SECRET, trusted_hosts="example.com")
    assert "the variable SECRET_KEY goes before the config SECRET_KEY of the app" in told(app)
    assert "the variable TRUSTED_HOSTS goes before the config TRUSTED_HOSTS of the app" in told(app)
    assert SECRET not in " ".join(told(app))


def test_every_other_key_of_flask_stays_as_the_app_has_set_it() -> None:
    plain = Flask(__name__)
    own = {
        name: f"own {name}"
        for name in plain.config
        if name not in {*OWN, "MAX_CONTENT_LENGTH", "SECRET_KEY_FALLBACKS", "DEBUG"}
    }
    app = Flask(__name__)
    app.config.update(own)
    install(app)
    assert {name: app.config[name] for name in own} == own


if getattr(Request.max_content_length, "fset", None):  # Flask 3.1 and later let a route set it

    def test_a_route_may_raise_the_apps_own_limit_up_to_that_of_the_environment(app: Flask) -> None:
        def upload() -> str:
            request.max_content_length = 100
            return str(len(request.get_data()))

        app.config["MAX_CONTENT_LENGTH"] = 10
        app.add_url_rule("/large", "large", upload, methods=["POST"])
        app.add_url_rule("/small", "small", lambda: str(len(request.get_data())), methods=["POST"])
        client = install(app, max_content_length_bytes=1000).test_client()
        assert client.post("/large", data=b"x" * 50).text == "50"
        assert client.post("/small", data=b"x" * 50).status_code == 413


def test_an_app_whose_route_sets_a_limit_is_told_what_bounds_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "with_uploads.py").write_text(
        "from flask import Flask, request\napp = Flask(__name__)\n@app.post('/large')\n"
        "def large():\n    request.max_content_length = 100\n    return ''\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    app = install(importlib.import_module("with_uploads").app)
    del sys.modules["with_uploads"]
    assert any("max_body_mib of the environment bounds it, too" in said for said in told(app))
