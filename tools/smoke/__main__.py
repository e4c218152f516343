"""Test that a URL answers healthy, and by neither the development server nor its debugger.

Made for the minute after a deployment. It sends a few GET requests and changes nothing. Exit code 0: all
good; 1: a fault was found; 2: nobody answered in time, or the arguments are wrong.
"""

import argparse
import http.client
import re
import sys
import time
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

from tools.smoke.asking import Answer, ask

FAULT, UNREACHABLE = 1, 2
PAUSE_S = 1
STAY_EVERY_S = 15
# Say that it takes time only after this long.
SILENT_S = 2

# Werkzeug's debugger answers these by itself, whatever app it wraps, its script even to any Host:
# https://werkzeug.palletsprojects.com/en/stable/debug/
SCRIPT = "/?__debugger__=yes&cmd=resource&f=debugger.js"
CONSOLE = "/console"
# Neither is a page, and the second is not UTF-8: an app that fails on them must not show a traceback.
PROVOCATIONS = ("/no-such-page-of-a-smoke-test", "/%FF%00?%FF=%00")
OF_THE_DEBUGGER = (b"EVALEX", b"Werkzeug Debugger", b"Traceback (most recent call last)")


# Strangers ask for these first. A page that answers every path is not the file: what is in it counts.
FILES = {"/.env": rb"(?m)^\s*(export )?[A-Z][A-Z0-9_]*=", "/.git/config": rb"(?m)^\[core\]"}


def healthy_within(origin: str, path: str, timeout_s: float) -> Answer | str:
    """Return the first healthy answer; if there is none in time, the last one, or why there was none."""
    begin, told = time.monotonic(), False
    while True:
        last: Answer | str
        try:
            last = ask(origin, path)
            if last.status == 200:
                return last
            reason = f"{path} is answered {last.status}"
        except (OSError, http.client.HTTPException) as error:
            last = reason = str(getattr(error, "reason", error)) or type(error).__name__
        waited_s = time.monotonic() - begin
        if waited_s + PAUSE_S > timeout_s:
            return last
        if waited_s > SILENT_S and not told:
            print(f"waiting up to {timeout_s:g} s for {origin}: {reason}", file=sys.stderr)
            told = True
        time.sleep(PAUSE_S)


def stays_healthy(
    origin: str,
    path: str,
    seconds: float,
    *,
    every_s: float = STAY_EVERY_S,
    wait: Callable[[float], None] = time.sleep,
) -> str | None:
    """Return why a service that was healthy is not, asked again and again for some seconds; None if it is.

    One bad answer may be the network's: two in a row are a fault.
    """
    before = None
    for _ in range(int(seconds // every_s)):
        wait(every_s)
        try:
            answer = ask(origin, path)
            reason = None if answer.status == 200 else f"{path} is answered {answer.status}"
        except (OSError, http.client.HTTPException) as error:
            reason = str(getattr(error, "reason", error)) or type(error).__name__
        if reason and before:
            return reason
        before = reason
    return None


def checks(origin: str, health: Answer, path: str) -> Iterator[tuple[str, str | None]]:
    """Yield each check and its fault, if any; raise OSError or HTTPException without an answer."""
    wrong = f"{health.status} instead of 200: the tasks' log says why (`make why` explains a failed release)"
    yield f"{path} is healthy", None if health.status == 200 else wrong
    answers = {probe: ask(origin, probe) for probe in (SCRIPT, CONSOLE, *PROVOCATIONS)}
    named = sorted({each.server for each in (health, *answers.values()) if "werkzeug" in each.server.lower()})
    yield (
        "the server is not the development server",
        f"the Server header says {named[0]}: start Gunicorn instead" if named else None,
    )
    advice = "its debugger lets a visitor run code: remove --debug, debug=True and FLASK_DEBUG"
    yield "no debugger serves its script", advice if b"EVALEX" in answers[SCRIPT].body else None
    console = answers[CONSOLE]
    yield "no debugger has a console", advice if b"EVALEX" in console.body else None
    shown = [probe for probe in PROVOCATIONS if any(sign in answers[probe].body for sign in OF_THE_DEBUGGER)]
    yield (
        "an error shows no traceback",
        f"GET {shown[0]} shows one, with paths and code of yours: turn debug mode off" if shown else None,
    )
    left = [
        path
        for path, sign in FILES.items()
        if (found := ask(origin, path)).status == 200 and re.search(sign, found.body)
    ]
    yield (
        "no file of the project is served",
        f"{' and '.join(left)} is there for everybody: change the secrets in it, and keep it out of what is"
        " served and of the image (.dockerignore)"
        if left
        else None,
    )
    broken = [probe for probe in PROVOCATIONS if answers[probe].status >= 500]
    yield (
        "a request that is wrong is not a server error",
        f"GET {broken[0]} is answered {answers[broken[0]].status}" if broken else None,
    )


def _origin(text: str) -> str:
    try:
        url = urlsplit(text)
        sound = url.scheme in {"http", "https"} and url.hostname and url.port != 0
    except ValueError:
        sound = False
    if not sound or url.path not in {"", "/"} or url.query or url.fragment or url.username is not None:
        raise argparse.ArgumentTypeError(
            f"'{text}' is not scheme, host and port alone, such as https://www.example.com"
        )
    return f"{url.scheme}://{url.netloc}"


def _seconds(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1
    if not 0 <= value <= 3600:
        raise argparse.ArgumentTypeError(f"'{text}' is not a number of seconds from 0 to 3600")
    return value


def _path(text: str) -> str:
    if not text.startswith("/"):
        raise argparse.ArgumentTypeError(f"'{text}' is not a path such as /healthz")
    return text


def main() -> int:
    """Print a line for each check; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tools.smoke", description=__doc__)
    parser.add_argument("url", type=_origin, help="URL of the service, such as https://www.example.com")
    parser.add_argument(
        "--timeout", type=_seconds, default=60, help="seconds to wait for a healthy answer (60)"
    )
    parser.add_argument(
        "--health-path",
        type=_path,
        default="/healthz",
        help="path that is answered 200 when healthy (/healthz)",
    )
    parser.add_argument(
        "--stay", type=_seconds, default=0, help="seconds that it has to stay healthy afterwards (0)"
    )
    given = parser.parse_args()
    health = healthy_within(given.url, given.health_path, given.timeout)
    if isinstance(health, str):
        print(f"smoke: {given.url} does not answer after {given.timeout:g} s: {health}", file=sys.stderr)
        return UNREACHABLE
    faults = 0
    try:
        for looked_at, fault in checks(given.url, health, given.health_path):
            print(f"FAULT  {looked_at}: {fault}" if fault else f"ok     {looked_at}")
            faults += fault is not None
    except (OSError, http.client.HTTPException) as error:
        print(f"smoke: {given.url} stopped answering: {error}", file=sys.stderr)
        return UNREACHABLE
    if faults:
        return FAULT
    if reason := stays_healthy(given.url, given.health_path, given.stay):
        print(f"FAULT  it does not stay healthy: {reason}")
        return FAULT
    return 0


if __name__ == "__main__":
    sys.exit(main())
