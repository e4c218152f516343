"""Read a start command, in any form that a manifest or a script writes it: which app, on which server, how."""

import re
import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

# Programs that start the program behind them.
_WRAPPERS = re.compile(
    r"(?:exec|tini|dumb-init|--|newrelic-admin|run-program|ddtrace-run|opentelemetry-instrument|poetry|pipenv|uv|run"
    r"|python3?|python3\.\d+|-m|time|nice|[A-Za-z_]\w*=\S*|(?:\S*/)?(?:tini|dumb-init))"
)
_SERVERS = ("gunicorn", "flask", "waitress-serve", "uwsgi", "uvicorn", "hypercorn", "granian")
_SHELLS = {"sh", "bash", "ash", "dash", "/bin/sh", "/bin/bash"}
# Gunicorn's short options; its long ones are its settings, with hyphens.
# https://docs.gunicorn.org/en/stable/settings.html
_SHORT = {
    "-b": "bind", "-w": "workers", "-k": "worker_class", "-t": "timeout", "-c": "config", "-e": "raw_env",
    "-u": "user", "-g": "group", "-m": "umask", "-p": "pidfile", "-n": "proc_name", "-D": "daemon", "-R": "enable_stdio_inheritance",
}  # fmt: skip
_LONG = {"keep_alive": "keepalive", "preload": "preload_app", "log_level": "loglevel", "access_logfile": "accesslog",
         "access_logformat": "access_log_format", "error_logfile": "errorlog", "log_file": "errorlog", "env": "raw_env", "pid": "pidfile", "name": "proc_name"}  # fmt: skip
_FLAGS = {"preload_app", "daemon", "reload", "capture_output", "no_sendfile", "enable_stdio_inheritance", "check_config",
          "print_config", "spew", "log_syslog", "disable_redirect_access_to_syslog", "initgroups", "reuse_port"}  # fmt: skip


class Command(NamedTuple):
    """A start command: its server, the app that it names, its options, and the commands before it."""

    source: str
    text: str
    server: str
    target: str
    options: dict[str, str]
    before: tuple[str, ...]
    shell: bool
    # The variables that a script of the repository reads before it starts the server.
    script_reads: frozenset[str] = frozenset()


def read_command(source: str, given: str | Sequence[str], root: Path) -> Command:
    """Return what a command starts; a script of the repository is read as the command."""
    words = given if isinstance(given, str) else list(given)
    shell = isinstance(words, str)
    if not isinstance(words, str):
        if len(words) > 2 and words[0] in _SHELLS and words[1].startswith("-"):
            words, shell = " ".join(words[2:]), True
        else:
            words = shlex.join(words)
    text = " ".join(words.split())
    before: list[str] = []
    script = _script(words, root)
    reads = frozenset(re.findall(r"\$\{?(\w+)", script or ""))
    for segment in _segments(_without_heredocs(script or words)):
        parts = _unwrapped(segment)
        if parts and (server := _server(parts)):
            return Command(source, text, server, *_read_server(server, parts), tuple(before), shell, reads)
        before.append(" ".join(segment.split()))
    return Command(source, text, "", "", {}, tuple(before), shell, reads)


def _script(command: str, root: Path) -> str | None:
    """Return the text of the script that a command runs, if it is in the repository."""
    for word in _split(command)[:2]:
        path = word.removeprefix("./")
        options = [
            root / path,
            *(root / Path(*Path(path).parts[n:]) for n in range(1, len(Path(path).parts))),
        ]
        for file in options:
            if (
                word.endswith((".sh", ".bash"))
                and file.is_file()
                and file.resolve().is_relative_to(root.resolve())
            ):
                return re.sub(r"(^|\n)\s*#[^\n]*", r"\1", file.read_text(errors="replace"))
    return None


def _without_heredocs(text: str) -> str:
    return re.sub(r"<<-?\s*[\"']?(\w+)[\"']?[^\n]*\n.*?\n\s*\1(?=\n|$)", "", text, flags=re.DOTALL)


def _segments(text: str) -> list[str]:
    """Return the commands of a shell's text, in their order."""
    text = re.sub(r"\\\r?\n", " ", text)
    text = re.sub(r"\w+=([\"'])(?=.*\bgunicorn\b)((?:(?!\1).|\n)*)\1", r"\2", text)
    return [part for part in re.split(r"&&|\|\||;|\n", text) if part.strip()]


def _split(text: str) -> list[str]:
    try:
        return shlex.split(text, comments=True)
    except ValueError:
        return text.split()


def _unwrapped(segment: str) -> list[str]:
    words = _split(segment)
    while words and (_WRAPPERS.fullmatch(words[0]) or words[0] in ("do", "then", "else")):
        if words[0].startswith("python") and len(words) > 1 and words[1].endswith(".py"):
            break
        words = words[1:]
    return words


def _server(words: Sequence[str]) -> str:
    name = words[0].rpartition("/")[2]
    if name == "flask":
        return "flask run" if "run" in words else ""
    if name in _SERVERS:
        return name
    return "python" if name.startswith("python") and words[1].endswith(".py") else ""


def _read_server(server: str, words: Sequence[str]) -> tuple[str, dict[str, str]]:
    if server == "python":
        return words[1].removeprefix("./"), {}
    if server == "flask run":
        apps = [words[n + 1] for n, word in enumerate(words[:-1]) if word in ("--app", "-A")]
        return (apps or [word.partition("=")[2] for word in words if word.startswith("--app=")] or [""])[
            0
        ], {}
    return _gunicorn(words[1:]) if server == "gunicorn" else _first_target(words[1:])


def _first_target(words: Sequence[str]) -> tuple[str, dict[str, str]]:
    return next((word for word in words if re.fullmatch(r"[\w.]+:[\w.]+(\(.*\))?", word)), ""), {}


def _gunicorn(words: Sequence[str]) -> tuple[str, dict[str, str]]:
    options: dict[str, str] = {}
    target, rest = "", list(words)
    while rest:
        word = rest.pop(0)
        if not word.startswith("-"):
            # The last one counts, but "$@" and redirections are none.
            if re.fullmatch(r"[\w.]+(:[\w.]+(\(.*\))?)?", word):
                target = word
            continue
        name, equals, value = word.partition("=")
        setting = _SHORT.get(name) or name.lstrip("-").replace("-", "_")
        setting = _LONG.get(setting, setting)
        if not equals and name[:2] in _SHORT and len(name) > 2 and not name.startswith("--"):
            setting, value, equals = _SHORT[name[:2]], name[2:], "="
        if setting in _FLAGS:
            options[setting] = "True"
        else:
            options[setting] = _default(value if equals else rest.pop(0) if rest else "")
    return target, options


def _default(value: str) -> str:
    """Return the value that a shell uses if the variable is not set."""
    found = re.fullmatch(r"\$\{\w+:?-([^}]*)\}", value)
    return found[1] if found else value
