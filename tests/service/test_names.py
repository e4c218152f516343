"""Test that nothing of the kit collides with what an app may have: names, hosts, hooks, layers, patches."""

import sys
from collections.abc import Callable
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
from flask import Blueprint, Flask, request
from werkzeug.exceptions import HTTPException
from werkzeug.middleware.proxy_fix import ProxyFix

from service.kit import Settings, init_app

OWN_PATHS = ("/healthz", "/readyz", "/version")


def put_in(app: Flask, settings: Settings, **changes: Any) -> Any:
    init_app(app, settings.model_copy(update=changes))
    return app.test_client()


@pytest.mark.parametrize("name", ["health", "kit_health", "metrics", "readyz", "version", "kit"])
def test_an_app_may_have_a_blueprint_of_any_name(settings: Settings, name: str) -> None:
    app = Flask("app")
    blueprint = Blueprint(name, __name__)
    blueprint.add_url_rule("/own", name, lambda: "own")
    app.register_blueprint(blueprint)
    app.add_url_rule("/own2", name, lambda: "own")
    client = put_in(app, settings)
    assert [client.get(path).status_code for path in ("/own", "/own2", *OWN_PATHS)] == [200] * 5


def test_an_app_that_matches_hosts_has_the_kits_paths_on_each(settings: Settings) -> None:
    app = Flask("app", host_matching=True, static_host="www.example.com")
    app.add_url_rule("/", "home", lambda: "home", host="www.example.com")
    client = put_in(app, settings)
    for host in ("www.example.com", "10.0.0.1:8000"):
        for path in OWN_PATHS:
            assert client.get(path, headers={"Host": host}).status_code == 200
    assert client.get("/", headers={"Host": "www.example.com"}).data == b"home"


@pytest.mark.parametrize("kind", [HTTPException, Exception])
def test_an_error_handler_for_everything_is_the_apps_alone(settings: Settings, kind: type[Exception]) -> None:
    app = Flask("app")
    app.register_error_handler(kind, lambda _error: ("own", 418))
    client = put_in(app, settings)
    assert client.get("/nothing").data == b"own"
    assert [client.get(path).status_code for path in OWN_PATHS] == [200] * 3


def test_a_hook_that_asks_for_a_login_does_not_see_the_kits_paths(settings: Settings) -> None:
    app = Flask("app")
    app.before_request(lambda: ("log in", 401))
    client = put_in(app, settings)
    assert client.get("/nothing").status_code == 401
    assert [client.get(path).status_code for path in OWN_PATHS] == [200] * 3


def test_a_catch_all_route_does_not_see_the_kits_paths(settings: Settings) -> None:
    app = Flask("app")
    app.add_url_rule("/<path:path>", "page", lambda path: f"page {path}")
    client = put_in(app, settings)
    assert client.get("/any").data == b"page any"
    assert client.get("/version").get_json()["version"] == "abc123"


def test_an_apps_own_route_goes_before_the_kits_and_it_is_told(settings: Settings) -> None:
    app = Flask("app")
    app.add_url_rule("/version", "version", lambda: "own")
    app.add_url_rule("/healthz", "healthz", lambda: "own")
    client = put_in(app, settings)
    assert client.get("/version").data == b"own"
    assert client.get("/healthz").get_json() == {"status": "ok"}  # the load balancer's, whatever the app does
    told = "; ".join(app.extensions["kit_told"])
    assert "/version is answered by the app" in told
    assert "/healthz is the load balancer's health check" in told


def test_installing_the_kit_twice_is_refused_with_a_sentence(settings: Settings) -> None:
    app = Flask("app")
    init_app(app, settings)
    with pytest.raises(RuntimeError, match="init_app was called twice"):
        init_app(app, settings)


class Wrapper:
    """A layer of somebody else's around another."""

    def __init__(self, application: Any) -> None:
        self.application = application

    def __call__(self, environ: Any, start_response: Any) -> Any:
        return self.application(environ, start_response)


def closure(wsgi_app: Any) -> Any:
    def layer(environ: Any, start_response: Any) -> Any:
        return wsgi_app(environ, start_response)

    return layer


@pytest.mark.parametrize(
    "around", [lambda inner: inner, Wrapper, closure, lambda inner: Wrapper(closure(inner))]
)
def test_an_apps_own_proxyfix_is_turned_off_wherever_it_is(
    settings: Settings, around: Callable[[Any], Any]
) -> None:
    app = Flask("app")
    app.add_url_rule("/who", "who", lambda: {"addr": request.remote_addr, "url": request.url})
    app.wsgi_app = around(ProxyFix(app.wsgi_app, x_for=1, x_proto=1, x_host=1, x_port=1, x_prefix=1))  # type: ignore[method-assign]
    client = put_in(app, settings, proxy_hops=2)
    headers = {
        "X-Forwarded-For": "203.0.113.7, 10.0.0.5",
        "X-Forwarded-Proto": "https",
        "X-Forwarded-Host": "evil.example",
        "X-Forwarded-Port": "1",
        "X-Forwarded-Prefix": "/evil",
    }
    said = client.get("/who", headers=headers).get_json()
    assert said == {"addr": "203.0.113.7", "url": "https://localhost/who"}
    assert "remove ProxyFix" in "; ".join(app.extensions["kit_told"])


@pytest.mark.parametrize(
    ("module", "call", "name"),
    [
        ("gevent.monkey", "is_module_patched", "gevent.monkey.patch_all"),
        ("eventlet.patcher", "is_monkey_patched", "eventlet.monkey_patch"),
    ],
)
def test_patched_threads_end_the_start_with_a_sentence(
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    module: str,
    call: str,
    name: str,
) -> None:
    patched: Any = SimpleNamespace(**{call: lambda _name: True})
    monkeypatch.setitem(sys.modules, module, patched)
    with pytest.raises(SystemExit):
        init_app(Flask("app"), settings)
    assert f"service cannot start: the app calls {name}()" in capsys.readouterr().err


def test_a_module_that_patches_nothing_does_no_harm(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    harmless = ModuleType("gevent.monkey")
    harmless.is_module_patched = lambda _name: False  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "gevent.monkey", harmless)
    app = Flask("app")
    init_app(app, settings)
    assert app.extensions["kit"] is settings


def test_an_app_under_test_shows_what_it_raised(settings: Settings) -> None:
    app = Flask("app")
    app.testing = True
    app.add_url_rule("/", "home", lambda: str(1 / 0))
    client = put_in(app, settings)
    with pytest.raises(ZeroDivisionError):
        client.get("/")
