"""Test with a real Chromium that the policy that `make csp` proposes lets a page do what it does."""

import textwrap
import threading
from collections.abc import Callable, Iterator
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.local_cloud.browser import Browser, find_chromium
from tests.service.gunicorn_process import Server
from tests.service.installed import copy_kit
from tests.wait import wait_for
from tools.operate.csp import base, propose

# What pages of server-rendered apps do: each line marks what has worked.
PAGE = """<!doctype html><html lang="en"><head><title>page</title><link rel="icon" href="data:,">
<style>#styled { color: rgb(1, 2, 3) }</style><link rel="stylesheet" href="{{ cdn }}/a.css"></head>
<body style="margin: 7px"><p id="styled">a</p><p id="linked">b</p>
<button onclick="done('handler')">go</button>
<img id="image" alt="" src="{{ cdn }}/a.svg"><iframe title="frame" src="{{ cdn }}/frame"></iframe>
<script>
  const worked = new Set(); const done = (what) => worked.add(what);
  done('inline'); document.querySelector('button').click();
  try { if (eval('1 + 1') === 2) done('eval'); } catch {}
  fetch('{{ cdn }}/json').then((answer) => answer.json()).then(() => done('fetch')).catch(() => {});
  const blob = URL.createObjectURL(new Blob(['postMessage(1)']));
  try { new Worker(blob).onmessage = () => done('worker'); } catch {}
  new Image().src = 'data:image/gif;base64,R0lGODlhAQABAAAAACH5BAEKAAEALAAAAAABAAEAAAICTAEAOw==';
  document.fonts.add(new FontFace('a', 'url({{ cdn }}/a.woff2)'));
  document.fonts.load('1em a').catch(() => {});
  addEventListener('message', () => done('frame'));
</script>
<script src="{{ cdn }}/a.js"></script>
</body></html>"""
ALL = {"inline", "handler", "eval", "fetch", "worker", "frame", "script"}
APP = f'''
import os
from flask import Flask, render_template_string
PAGE = """{PAGE}"""
def create_app(settings):
    app = Flask(__name__)
    app.add_url_rule("/", "page", lambda: render_template_string(PAGE, cdn=os.environ["CDN"]))
    return app
'''
FILES = {
    "/a.css": ("text/css", b"#linked { color: rgb(4, 5, 6) }"),
    "/a.js": ("text/javascript", b"done('script')"),
    "/a.svg": ("image/svg+xml", b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'),
    "/json": ("application/json", b"{}"),
    "/frame": ("text/html", b"<script>parent.postMessage(1, '*')</script>"),
    "/a.woff2": ("font/woff2", b""),
}


class Cdn(BaseHTTPRequestHandler):
    """Another origin, for a content delivery network."""

    def do_GET(self) -> None:
        kind, body = FILES[self.path]
        self.send_response(200)
        for name, value in (("Content-Type", kind), ("Access-Control-Allow-Origin", "*")):
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Be silent."""


@pytest.fixture(scope="module")
def cdn() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Cdn) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture(scope="module")
def app(
    started: Callable[..., Server], tmp_path_factory: pytest.TempPathFactory, cdn: str
) -> Callable[..., Server]:
    folder = tmp_path_factory.mktemp("app")
    (folder / "__init__.py").write_text(textwrap.dedent(APP))
    (folder / "settings.py").write_text("from service.kit import Settings\n")
    checkout = copy_kit(tmp_path_factory.mktemp("csp"), app=folder)
    return partial(started, checkout=checkout, GUNICORN_WORKERS="1", PROXY_HOPS="0", CDN=cdn)


@pytest.fixture
def browser(tmp_path: Path) -> Iterator[Browser]:
    with Browser(find_chromium(), tmp_path / "profile") as opened:
        yield opened


def worked(browser: Browser) -> set[str]:
    return set(browser.evaluate("typeof worked === 'undefined' ? [] : [...worked]"))


def reported(server: Server) -> set[tuple[str, str]]:
    lines = server.lines_with(message="csp violation")
    return {(base(line["directive"]), line["source"]) for line in lines}


def open_page(browser: Browser, server: Server) -> None:
    browser.open(f"http://127.0.0.1:{server.port}/")
    wait_for(lambda: browser.evaluate("document.readyState") == "complete", "the page")


def test_by_default_nothing_is_blocked_and_all_is_reported(
    app: Callable[..., Server], browser: Browser, cdn: str
) -> None:
    server = app()
    open_page(browser, server)
    wait_for(lambda: worked(browser) == ALL, "all that the page does")
    inline = {("script-src", "inline"), ("style-src", "inline"), ("script-src", "eval")}
    fetched = {(f"{kind}-src", cdn) for kind in ("script", "style", "img", "connect", "frame", "font")}
    wait_for(lambda: inline | fetched | {("worker-src", "blob")} <= reported(server), "the reports")


def test_the_policy_as_shipped_blocks_it_when_it_is_enforced(
    app: Callable[..., Server], browser: Browser
) -> None:
    server = app(CSP="enforce")
    open_page(browser, server)
    wait_for(lambda: ("script-src", "inline") in reported(server), "a report")
    assert worked(browser) == set()


def test_under_the_proposed_policy_all_works_and_nothing_is_reported(
    app: Callable[..., Server], browser: Browser
) -> None:
    first = app()
    open_page(browser, first)
    wait_for(lambda: worked(browser) == ALL and ("font-src" in dict(reported(first))), "the reports")
    (line, *_) = first.lines_with(message="csp violation")
    proposed = propose(line["policy"], reported(first))
    browser.errors.clear()
    second = app(CSP="enforce", CONTENT_SECURITY_POLICY=proposed)
    open_page(browser, second)
    wait_for(lambda: worked(browser) == ALL, "all that the page does")
    colours = browser.evaluate(
        "['styled', 'linked'].map((name) => getComputedStyle(document.getElementById(name)).color)"
    )
    assert colours == ["rgb(1, 2, 3)", "rgb(4, 5, 6)"]
    assert browser.evaluate("document.getElementById('image').naturalWidth") == 9
    assert reported(second) == set()
    assert [error for error in browser.errors if "policy" in error.lower()] == []
