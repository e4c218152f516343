"""Recognise the development server, a reloader, and a shell that swallows SIGTERM."""

import re
import shlex
from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePosixPath

from infra.policy.serving_calls import line_that_serves
from infra.policy.serving_names import ReadFile

_PYTHON = re.compile(r"(python|pypy)[\d.]*")
_SHELLS = {"sh", "bash", "ash", "dash", "zsh"}
_USERS = {"su", "runuser"}  # they hand a command to a shell
_EXECS = re.compile(r"(^|[;&|(]|\s)exec\s")
_COMMAND_LINES = {"flask", "quart"}
# Servers that import an app; with these options they are for development.
_SERVERS = {"gunicorn", "uvicorn", "hypercorn", "granian"}
_DEVELOPMENT_OPTIONS = ("--reload", "--debug")
# Programs that only mention files: `chmod +x manage.py` starts nothing.
_MENTIONS = {"cat", "chmod", "chown", "cp", "echo", "grep", "ln", "ls", "mkdir", "mv", "printf", "rm", "sed"}
_MENTIONS |= {"test", "[", "touch"}
# Programs that start the commands of a file: the option that names the file, and its usual name.
_RUNNERS = {
    "supervisord": ("-c", "supervisord.conf"),
    "honcho": ("-f", "Procfile"),
    "foreman": ("-f", "Procfile"),
}
_COMMAND_OF_A_RUNNER = re.compile(r"\s*(command\s*=|[\w-]+\s*:)(?P<command>.+)")
# What may stand before a program that is started: `exec`, `A=b`, `tini --`.
_BEFORE = re.compile(r"exec|env|\w+=.*|-.*|tini|dumb-init|nice|nohup|\.|source")
# A script may call itself.
_DEEPEST = 5


def read_nothing(_path: str) -> None:
    """Return None: the ReadFile for an image whose source is not known."""


def development_servers(words: Sequence[str], read: ReadFile = read_nothing) -> Iterator[str]:
    """Yield a sentence for each way in which a command, or a file it starts, runs the development server.

    Commands are found by what they start, not by the text: `flask jobs run` and `cat serve.py` start nothing.
    """
    yield from _Commands(read).judge(tuple(words), _DEEPEST)


class _Commands:
    """A judge of commands, and of the scripts and Python files that they start."""

    def __init__(self, read: ReadFile) -> None:
        self._read = read

    def judge(self, words: tuple[str, ...], depth: int) -> Iterator[str]:
        """Yield what a command runs, as sentences without a subject."""
        if not depth or not words or PurePosixPath(words[0]).name in _MENTIONS:
            return
        for index, word in enumerate(words):
            program, rest = PurePosixPath(word).name, words[index + 1 :]
            if program in _COMMAND_LINES:
                yield from self._command_line(words, rest)
            elif program in _SERVERS:
                yield from self._server(words, rest)
            elif program in _RUNNERS:
                yield from self._runner(words, program, rest, depth)
            elif program in _SHELLS | _USERS:
                yield from self._shell(words, rest, depth)
            elif _PYTHON.fullmatch(program):
                yield from self._python(words, rest, depth)
            elif all(_BEFORE.fullmatch(before) for before in words[:index]) and self._is_script(word):
                yield from self._file(words, word, rest, depth)
                continue  # a script may start the words that follow
            else:
                continue
            return

    def _command_line(self, words: Sequence[str], rest: Sequence[str]) -> Iterator[str]:
        # flask [--app A] [--env-file E] COMMAND: `run` is the development server only in this place.
        valued = {index + 1 for index, word in enumerate(rest) if word in {"-A", "--app", "-e", "--env-file"}}
        plain = [word for index, word in enumerate(rest) if index not in valued and word[:1] != "-"]
        if plain[:1] == ["run"]:
            yield f"runs the development server ('{' '.join(words)}')"
        elif "--debug" in rest:
            yield f"runs '{' '.join(words)}', and --debug is for development only"

    def _server(self, words: Sequence[str], rest: Sequence[str]) -> Iterator[str]:
        for option in _DEVELOPMENT_OPTIONS:
            if option in rest:
                yield f"runs '{' '.join(words)}', and {option} is for development only"
        for word in rest:
            module = word.partition(":")[0].replace(".", "/")
            for path in (f"{module}.py", f"{module}/__init__.py"):
                source = self._read(path) if re.fullmatch(r"[\w/]+", module) else None
                if source and (line := line_that_serves(source, read=self._read, started=False)):
                    yield f"{_starts(words, line, path)} when it is imported"

    def _shell(self, words: Sequence[str], rest: tuple[str, ...], depth: int) -> Iterator[str]:
        options = [word for word in rest if word.startswith("-")]
        plain = [word for word in rest if not word.startswith("-")]
        if not plain:
            return
        if given := next((option for option in options if re.fullmatch(r"-[a-z]*c", option)), None):
            text, *arguments = rest[rest.index(given) + 1 :] or plain  # su takes a user before
            for command in _commands_in(text, arguments):
                yield from self.judge(command, depth - 1)
        else:
            yield from self._file(words, plain[0], tuple(plain[1:]), depth)

    def _python(self, words: Sequence[str], rest: tuple[str, ...], depth: int) -> Iterator[str]:
        rest = _after_options(rest)
        if len(rest) < 2 or rest[0] not in {"-m", "-c"}:
            for path in (*rest[:1], *(f"{path.rstrip('/')}/__main__.py" for path in rest[:1])):
                yield from self._file(words, path, rest[1:], depth, is_python=True)
        elif rest[0] == "-c":
            if self._line(rest[1], rest[2:], depth):
                yield f"runs the development server ('{' '.join(words)}')"
        elif rest[1] == "werkzeug.serving":
            yield f"runs the development server ('{' '.join(words)}')"
        elif rest[1] in _COMMAND_LINES:
            yield from self._command_line(words, rest[2:])
        elif rest[1] in _SERVERS:
            yield from self._server(words, rest[2:])
        else:
            module = rest[1].replace(".", "/")
            for path in (f"{module}.py", f"{module}/__main__.py"):
                yield from self._file(words, path, rest[2:], depth, is_python=True)

    def _runner(self, words: Sequence[str], program: str, rest: Sequence[str], depth: int) -> Iterator[str]:
        option, path = _RUNNERS[program]
        if option in rest[:-1]:
            path = rest[rest.index(option) + 1]
        for number, line in enumerate((self._read(path) or "").splitlines(), start=1):
            if found := _COMMAND_OF_A_RUNNER.match(line):
                yield from self._told(words, number, path, _commands_in(found["command"], ()), depth)

    def _file(
        self, words: Sequence[str], path: str, rest: tuple[str, ...], depth: int, *, is_python: bool = False
    ) -> Iterator[str]:
        source = self._read(path)
        if source is None:
            return
        if is_python or path.endswith(".py") or re.match(r"#!.*\bpython", source):
            if line := self._line(source, rest, depth):
                yield _starts(words, line, path)
            return
        for number, line_ in _lines(source):
            yield from self._told(words, number, path, _commands_in(line_, rest), depth)

    def _told(
        self, words: Sequence[str], line: int, path: str, commands: Iterator[tuple[str, ...]], depth: int
    ) -> Iterator[str]:
        for command in commands:
            for sentence in self.judge(command, depth - 1):
                yield f"runs '{' '.join(words)}', and line {line} of {path} {sentence}"

    def _line(self, source: str, rest: tuple[str, ...], depth: int) -> int | None:
        def is_command(said: list[str]) -> bool:
            return any(any(self.judge(each, depth - 1)) for each in _commands_in(" ".join(said), ()))

        return line_that_serves(source, read=self._read, words=rest, is_command=is_command)

    def _is_script(self, word: str) -> bool:
        return self._read(word) is not None


def _after_options(rest: tuple[str, ...]) -> tuple[str, ...]:
    """Return Python's arguments from -m, -c or a file on."""
    while rest and rest[0].startswith("-") and rest[0] not in {"-m", "-c"}:
        if last := re.fullmatch(r"-[A-Za-z]*?([mc])(.*)", rest[0]):  # -Om flask, -mflask
            return (f"-{last[1]}", *filter(None, [last[2]]), *rest[1:])
        rest = rest[2:] if rest[0] in {"-W", "-X"} else rest[1:]
    return rest


def _starts(words: Sequence[str], line: int, path: str) -> str:
    return f"runs '{' '.join(words)}', and line {line} of {path} starts the development server"


def _lines(script: str) -> Iterator[tuple[int, str]]:
    """Yield the lines of a shell script with their numbers; a line that ends in a backslash goes on."""
    begun, number = "", 0
    for at, line in enumerate(script.splitlines(), start=1):
        number = number if begun else at
        begun += line.removesuffix("\\")
        if not line.endswith("\\"):
            yield number, begun
            begun = ""


def _commands_in(script: str, arguments: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """Yield the single commands of a shell's text, with the script's arguments in place of `$@`."""
    lexer = shlex.shlex(script, posix=True, punctuation_chars=True)
    lexer.whitespace_split = True
    words: list[str] = []
    try:
        for word in lexer:
            if set(word) <= set("();<>|&{}"):
                yield tuple(words)
                words = []
            elif word in {"$@", "$*"}:
                words += arguments
            elif word not in {"then", "do", "else", "!"}:
                words.append(word)
    except ValueError:  # a quotation that ends on another line
        words = script.split()
    yield tuple(words)


def swallows_sigterm(words: Sequence[str]) -> bool:
    """Return whether a shell runs the server without `exec`, so that only the shell gets SIGTERM."""
    if len(words) < 3 or PurePosixPath(words[0]).name not in _SHELLS:
        return False
    options, script = words[1], words[2]
    return bool(re.fullmatch(r"-[a-z]*c", options)) and not _EXECS.search(script)


def development_variables(variables: Mapping[str, str]) -> Iterator[str]:
    """Yield the names of variables whose values turn on debug mode, as Flask reads them.

    https://flask.palletsprojects.com/en/stable/config/#debug-mode ; FLASK_ENV counted until Flask 2.3.
    """
    if variables.get("FLASK_DEBUG", "").lower() not in {"", "0", "false", "no"}:
        yield "FLASK_DEBUG"
    if variables.get("FLASK_ENV") == "development":
        yield "FLASK_ENV"
