"""Decide which static files the proxy may serve: those for which it would answer what the app answers."""

import os
import re
from collections.abc import Iterator
from pathlib import Path
from types import MethodType

import flask.app
from flask import Blueprint, Flask, signals
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.wsgi import FileWrapper

# The proxies' own lists (infra/task/proxies); tests/contract compares them.
TYPES = {
    "avif": "image/avif",
    "css": "text/css; charset=utf-8",
    "gif": "image/gif",
    "html": "text/html; charset=utf-8",
    "ico": "image/vnd.microsoft.icon",
    "jpeg": "image/jpeg",
    "jpg": "image/jpeg",
    "js": "text/javascript; charset=utf-8",
    "json": "application/json",
    "mjs": "text/javascript; charset=utf-8",
    "mp3": "audio/mpeg",
    "mp4": "video/mp4",
    "otf": "font/otf",
    "pdf": "application/pdf",
    "png": "image/png",
    "svg": "image/svg+xml; charset=utf-8",
    "ttf": "font/ttf",
    "txt": "text/plain; charset=utf-8",
    "wasm": "application/wasm",
    "webm": "video/webm",
    "webmanifest": "application/manifest+json",
    "webp": "image/webp",
    "woff": "font/woff",
    "woff2": "font/woff2",
    "xml": "application/xml; charset=utf-8",
}
# Browsers apply a policy to documents and to the scripts of workers. The proxies send none with a file.
_UNDER_POLICY = {"html", "js", "mjs", "pdf", "svg", "xml"}
# Paths that nobody can read in two ways: the proxies look for no others.
_PATH = re.compile(r"(/[A-Za-z0-9_~@+,=-][A-Za-z0-9._~@+,=-]*)+")
# Where a request could be answered by something else than the view.
_METHODS = (
    *("wsgi_app", "full_dispatch_request", "preprocess_request", "dispatch_request", "send_static_file"),
    *("make_response", "finalize_request", "process_response", "create_url_adapter"),
)
# The kit's own layers and hooks. They let everybody have a static file.
_OURS = re.compile(r"(service\.kit|flask_limiter|opentelemetry)(\.|$)")
# The proxies set these themselves, and what they say follows from the file.
_FROM_THE_FILE = {"accept-ranges", "content-length", "date", "etag", "last-modified"}


def init_app(app: Flask) -> None:
    """Note whether the app has a layer of its own; call it before the kit adds its layers."""
    inner = app.wsgi_app.app if type(app.wsgi_app) is ProxyFix else app.wsgi_app
    app.extensions["kit_static_bare"] = isinstance(inner, MethodType) and inner.__func__ is Flask.wsgi_app


def reason_against(app: Flask) -> str | None:
    """Return what could make the app answer a request for a static file in another way, if anything."""
    if not app.extensions["kit_static_bare"] or not _ours(type(app.wsgi_app)):
        return "has a WSGI layer of its own"
    own = vars(app).keys() - {"wsgi_app"}  # which the kit's layers replace
    if any(name in own or getattr(type(app), name) is not getattr(Flask, name) for name in _METHODS):
        return "answers requests by methods of its own"
    if app.url_map.host_matching or app.subdomain_matching:
        return "answers by host"
    for signal in (signals.request_started, signals.request_finished):
        if any(signal.receivers_for(app)):
            return f"has a receiver of the signal {signal.name.replace('-', '_')}"
    for hook in _hooks(app, None):
        if not _ours(hook):
            return f"has a hook that sees every request: {getattr(hook, '__qualname__', hook)}"
    return None


def _hooks(app: Flask, *blueprints: str | None) -> list[object]:
    """Return what may change the answers of these blueprints, or for None of the whole app."""
    kinds = (app.before_request_funcs, app.after_request_funcs, app.url_value_preprocessors)
    return [hook for kind in kinds for name in blueprints for hook in kind.get(name, ())]


def _ours(thing: object) -> bool:
    module = getattr(thing, "__module__", None) or type(thing).__module__
    return bool(_OURS.match(module))


def static_files(app: Flask) -> Iterator[tuple[str, Path]]:
    """Yield each file under a static endpoint, with its URL."""
    for rule in app.url_map.iter_rules():
        prefix = rule.rule.removesuffix("/<path:filename>")
        # A blueprint may stand in another: a.b.static is of a.b, and of a.
        parts = rule.endpoint.split(".")[:-1]
        names = [".".join(parts[: length + 1]) for length in range(len(parts))]
        owner = app.blueprints[names[-1]] if names else app
        if prefix == rule.rule or "<" in prefix or not owner.static_folder:
            continue
        if _hooks(app, *names) or not _is_flasks_own(app.view_functions[rule.endpoint]):
            continue
        top = Path(owner.static_folder)
        for at, _, names in os.walk(top):
            for name in names:
                file = Path(at, name)
                yield f"{prefix}/{file.relative_to(top).as_posix()}", file


def _is_flasks_own(view: object) -> bool:
    if isinstance(view, MethodType):
        return view.__func__ is Blueprint.send_static_file
    code = getattr(view, "__code__", None)  # not its name, which functools.wraps copies
    return code is not None and code.co_filename == flask.app.__file__


def is_the_apps_answer(app: Flask, url: str, file: Path) -> bool:
    """Return whether the app would send this file with the headers that the proxies send."""
    suffixes = file.name.split(".")[1:]
    # Apache looks at every suffix, so only the last may be one that it knows.
    if not suffixes or suffixes[-1] not in TYPES or not TYPES.keys().isdisjoint(suffixes[:-1]):
        return False
    if not _PATH.fullmatch(url) or file.is_symlink():
        return False
    if app.extensions["kit"].csp == "enforce" and suffixes[-1] in _UNDER_POLICY:
        return False
    expected = {"content-type": TYPES[suffixes[-1]], "cache-control": "no-cache"}
    with app.test_request_context(url) as context:
        rule = context.request.url_rule
        if rule is None or not _is_flasks_own(app.view_functions[rule.endpoint]):
            return False  # a view of the team's, which may give this file to some and not to others
        response = app.full_dispatch_request()
        sent = response.response
        same_file = isinstance(sent, FileWrapper) and _is_open(sent.file.fileno(), file)
        response.close()
    headers = {name.lower(): value for name, value in response.headers if name.lower() not in _FROM_THE_FILE}
    if headers.pop("content-disposition", "inline").partition(";")[0] != "inline":
        return False
    return response.status_code == 200 and same_file and headers == expected


def _is_open(descriptor: int, file: Path) -> bool:
    return os.path.samestat(os.fstat(descriptor), file.stat())
