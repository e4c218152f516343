"""Recognise the development server, a reloader, and a shell that swallows SIGTERM."""

import ast
import re
import shlex
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import PurePosixPath

# https://flask.palletsprojects.com/en/stable/deploying/ : "Do not use the development server when deploying".
_DEVELOPMENT_SERVER = re.compile(
    r"""\bflask\b(?=.*\srun(?![^\s'";&|)]))   # flask run, python -m flask --app x run, not flask db upgrade
    |\bapp\.run\b|werkzeug\.serving|\brun_simple\b""",
    re.VERBOSE,
)
_RELOADS = re.compile(r"\b(gunicorn|uvicorn|hypercorn|flask|granian)\b.*\s--(?P<flag>reload|debug)(?![\w-])")
_SHELLS = {"sh", "bash", "ash", "dash", "zsh"}
_EXECS = re.compile(r"(^|[;&|(]|\s)exec\s")
# Variables that configure the development server or its debugger.
VARIABLES = ("FLASK_DEBUG", "FLASK_ENV", "FLASK_RUN_HOST", "FLASK_RUN_PORT", "WERKZEUG_DEBUG_PIN")

# Returns the text of a file of the image by its path, or None if the text is not known.
ReadFile = Callable[[str], str | None]


def read_nothing(_path: str) -> None:
    """Return None: the ReadFile for an image whose source is not known."""


def development_servers(words: Sequence[str], read: ReadFile = read_nothing) -> Iterator[str]:
    """Yield a sentence for each way in which a command, or a file it names, starts the development server."""
    command = " ".join(words)
    if _DEVELOPMENT_SERVER.search(command):
        yield f"runs the development server ('{command}')"
    elif found := _RELOADS.search(command):
        yield f"runs '{command}', and --{found['flag']} is for development only"
    else:
        yield from _in_files(words, read)


def _in_files(words: Sequence[str], read: ReadFile) -> Iterator[str]:
    for path in _files_of(words):
        source = read(path)
        if source is None:
            continue
        if path.endswith(".py"):
            if line := line_that_serves(source):
                yield f"runs '{' '.join(words)}', and line {line} of {path} starts the development server"
            continue
        for number, line_ in enumerate(source.splitlines(), start=1):
            said = line_.partition("#")[0]
            deeper = read_nothing if path in said else read
            for sentence in development_servers(said.split(), deeper):
                yield f"runs '{' '.join(words)}', and line {number} of {path} {sentence}"


def _files_of(words: Sequence[str]) -> Iterator[str]:
    parts = [part for word in words for part in _split(word)]
    for index, part in enumerate(parts):
        if index and parts[index - 1] == "-m":
            module = part.replace(".", "/")
            yield from (f"{module}.py", f"{module}/__main__.py")
        elif part.endswith((".py", ".sh")) or "/" in part or index < 2:
            yield part


def _split(word: str) -> list[str]:
    try:
        return shlex.split(word)
    except ValueError:
        return [word]


def line_that_serves(source: str) -> int | None:
    """Return the line on which a Python file starts the development server, or None if it does not."""
    try:
        tree = ast.parse(source)
    except SyntaxError:
        return None
    apps = {"app", "application", *_apps_in(tree)}
    for call in ast.walk(tree):
        if isinstance(call, ast.Call):
            owner, _, method = ast.unparse(call.func).rpartition(".")
            if method == "run_simple" or (method == "run" and (owner in apps or _makes_an_app(owner))):
                return call.lineno
    return None


def _apps_in(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and _makes_an_app(ast.unparse(node.value)):
            yield from (ast.unparse(target) for target in node.targets)


def _makes_an_app(call: str) -> bool:
    return bool(re.match(r"([\w.]+\.)?(Flask|create_app|make_app)\(", call))


def swallows_sigterm(words: Sequence[str]) -> bool:
    """Return whether a shell runs the server without `exec`, so that only the shell gets SIGTERM."""
    if len(words) < 3 or PurePosixPath(words[0]).name not in _SHELLS:
        return False
    options, script = words[1], words[2]
    return bool(re.fullmatch(r"-[a-z]*c", options)) and not _EXECS.search(script)


def development_variables(names: Iterable[str]) -> Iterator[str]:
    """Yield the names that configure the development server."""
    return (name for name in VARIABLES if name in names)
