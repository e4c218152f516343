"""Check what a visitor gets through the load balancer."""

import secrets
from collections.abc import Iterator
from typing import Any

from tools.preflight.check import Check, judged
from tools.preflight.inside.balancer import CLAIMED, CLIENT
from tools.preflight.situation import Situation

# Werkzeug's debugger answers this by itself, whatever app it wraps:
# https://werkzeug.palletsprojects.com/en/stable/debug/
_DEBUGGER = "/?__debugger__=yes&cmd=resource&f=debugger.js"
SHORTEST_STREAM_S = 1


def traffic_checks(now: Situation) -> list[Check]:
    """Check what single requests show."""
    page = now.asked(now.load.path)
    debugger = now.asked(_DEBUGGER)
    token = f"/preflight-{secrets.token_hex(4)}"
    now.asked(token)
    lines = [line for line in now.pod.log().splitlines() if token in line]
    # The proxy puts its own name in place of the app's, so the app itself is asked.
    behind = now.asked(now.load.path, tls=False, port=now.task.app_port)
    server = behind["headers"].get("Server", "")
    well = "the log names the client" if any(CLIENT in line for line in lines) else "the log names no client"
    return [
        judged("answers", list(_page(now, page)), f"{now.load.path} is answered {page['status']}"),
        judged("served by", list(_server(server)), server or "it does not say"),
        judged("debugger", list(_debugger(debugger)), "none answers"),
        judged("X-Forwarded-For", list(_client(lines)), well),
        judged("X-Forwarded-Proto", list(_scheme(page)), "no redirect leaves https"),
    ]


def stream_check(now: Situation) -> Check:
    """Check whether the first bytes of a stream reach a visitor before its last."""
    answer = now.pod.balance("stream", path=now.load.stream_path, timeout_s=now.task.idle_s)
    well = f"{now.load.stream_path} sends its first bytes after {answer['first_s'] or 0:.1f} s, and goes on"
    return judged("stream", list(_stream(now, answer)), well)


def _page(now: Situation, page: dict[str, Any]) -> Iterator[tuple[str, str]]:
    if not page["status"] or page["status"] >= 500:
        what = page["status"] or page.get("error")
        yield f"{now.load.path} is answered {what}", "see its log, or name another path with --path"


def _server(server: str) -> Iterator[tuple[str, str]]:
    if "werkzeug" in server.lower():
        yield (
            f"'{server}' is Flask's development server: neither secure nor stable, and a crash is an outage",
            "start Gunicorn instead: gunicorn --config python:service.gunicorn_conf",
        )


def _debugger(answer: dict[str, Any]) -> Iterator[tuple[str, str]]:
    if answer["status"] == 200 and "javascript" in answer["headers"].get("Content-Type", ""):
        yield "Werkzeug's debugger answers visitors, who may run code with it", "turn debug mode off"


def _client(lines: list[str]) -> Iterator[tuple[str, str]]:
    fix = "ProxyFix with the exact number of proxies, PROXY_HOPS, as service/kit/proxy_headers.py does"
    for line in lines:
        if CLIENT in line:
            return
        if CLAIMED in line:
            yield "the log shows an address that the client made up: rate limits and blocks do not hold", fix
            return
        if "127.0.0." in line:
            yield "the log shows the load balancer's address instead of the client's", fix
            return


def _scheme(page: dict[str, Any]) -> Iterator[tuple[str, str]]:
    place = page["headers"].get("Location", "")
    if place.startswith("http://"):
        yield (
            f"a request by https is redirected to {place}: logins fail, or the browser goes in circles",
            "ProxyFix with x_proto=1, as service/kit/proxy_headers.py does",
        )


def _stream(now: Situation, answer: dict[str, Any]) -> Iterator[tuple[str, str]]:
    path, first_s, end_s = now.load.stream_path, answer["first_s"], answer["end_s"]
    if answer["status"] >= 400 or "error" in answer:
        what = answer["status"] if answer["status"] >= 400 else answer["error"]
        yield f"{path} is answered {what}", "see its log, or name another path with --stream-path"
    elif first_s is None:
        yield (
            f"{path} sends nothing for {now.task.idle_s} s: the load balancer answers 504",
            "send something at once and while there is nothing to say: docs/streams.md",
        )
    elif end_s is not None and end_s < SHORTEST_STREAM_S:
        yield (
            f"{path} ends after {end_s:.1f} s, too soon to see whether it is held back",
            f"name a path with --stream-path whose answer takes {SHORTEST_STREAM_S} s or longer",
        )
    elif end_s is not None and end_s - first_s < end_s / 10:
        yield (
            f"{path} sends its first bytes after {first_s:.1f} s of {end_s:.1f} s: it is held back",
            "answer with a generator, without Content-Length, and take out what collects it: docs/streams.md",
        )
