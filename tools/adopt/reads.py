"""Read from the app's code which environment variables it reads, and what in it needs a person's look."""

import ast
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from tools.adopt.detect import parse
from tools.adopt.report import Report

_NAME = re.compile(r"[A-Z][A-Z0-9_]*")
# environs, decouple and starlette's config read a variable in a call of these names.
_READERS = {"env", "config", "getenv"}

_SOCKETS = (
    "with async_mode 'threading', each open socket takes a thread (docs/streams.md); so that a client comes "
    "back to the process that knows it, `tasks.workers` is 1 and `routing.sticky_s` 3600; a message queue "
    "between tasks is yours (docs/recipes/socketio.py)"
)
_TO_STDOUT = (
    "a task's files end with it, and cannot be written: log to stdout, which is kept (docs/your-app.md)"
)
_FOLDER = "a task can only write below /tmp: make the folder there, or have it in the repository"
_EVERY_WORKER = (
    "every worker of every task would run these jobs: `jobs` (docs/workers.md) runs a task once, by"
    " EventBridge Scheduler"
)
# Calls in the code that mean something else in a task than on a server, by the last word of the name.
_REMARKS = {
    "ProxyFix": "the kit puts one around the app, for exactly the proxies before it; where yours counts "
    "fewer, it takes the load balancer for the client: remove it",
    "SocketIO": _SOCKETS,
    "Sock": "each open WebSocket takes a thread: `tasks.threads` (docs/http.md)",
    "RotatingFileHandler": _TO_STDOUT,
    "TimedRotatingFileHandler": _TO_STDOUT,
    "FileHandler": _TO_STDOUT,
    "mkdir": _FOLDER,
    "makedirs": _FOLDER,
    "BackgroundScheduler": _EVERY_WORKER,
    "APScheduler": _EVERY_WORKER,
    "Celery": "its workers are a second service of the same image: `workers` (docs/workers.md)",
}
_SQLITE = "a task's disk ends with it, and every task has its own: `database=Postgres()` (docs/data.md)"
# Where the file is beside the code, as it mostly is.
_SQLITE_HERE = (
    "the app cannot write beside its code, neither in AWS nor with `make up`, so it does not start: "
    "for a first look, {first} in dev; for others a database, since a task's disk ends with it: "
    "`database=Postgres()` makes one (docs/data.md)"
)


class Read(NamedTuple):
    """A variable that the code reads: where, and whether it fails without."""

    name: str
    required: bool
    place: str


def variables_read(files: Mapping[Path, Path]) -> list[Read]:
    """Return the variables that the copied code reads, each once, required if any place requires it."""
    found: dict[str, Read] = {}
    for place, file in files.items():
        tree = parse(file) if place.suffix == ".py" else None
        for name, required, line in _reads(tree, _names_of_os(tree)) if tree else ():
            if name not in found or (required and not found[name].required):
                found[name] = Read(name, required, f"{place}:{line}")
    return list(found.values())


def _reads(tree: ast.AST, names: set[str]) -> Iterator[tuple[str, bool, int]]:
    """Yield name, whether it is required, and line of each read of a variable by one of the names of os."""
    compared = [node for node in ast.walk(tree) if isinstance(node, ast.Compare)]
    tested = {each.value for node in compared for each in ast.walk(node) if isinstance(each, ast.Constant)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Load):
            name = _constant(node.slice)
            if name and ast.unparse(node.value) in names:
                yield name, name not in tested, node.lineno
        elif isinstance(node, ast.Call) and node.args and (name := _constant(node.args[0])):
            yield from _call(node, name, names)
        elif isinstance(node, ast.ClassDef) and any(
            "BaseSettings" in ast.unparse(base) for base in node.bases
        ):
            for field in node.body:
                if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name):
                    yield field.target.id.upper(), field.value is None, field.lineno


def _call(node: ast.Call, name: str, names: set[str]) -> Iterator[tuple[str, bool, int]]:
    called = ast.unparse(node.func)
    owner, _, last = called.rpartition(".")
    if owner in names or called in names:
        yield name, False, node.lineno
    elif called in _READERS or owner == "env":
        yield name, len(node.args) == 1 and not _has(node, "default"), node.lineno
    elif last == "from_envvar":
        yield name, not _has(node, "silent"), node.lineno


def _has(node: ast.Call, keyword: str) -> bool:
    return any(word.arg == keyword for word in node.keywords)


def _names_of_os(tree: ast.Module) -> set[str]:
    """Return how the code calls os.environ and os.getenv; `environ` alone is often that of a WSGI request."""
    names = {"os.environ", "os.getenv"}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module == "os":
            names |= {each.asname or each.name for each in node.names if each.name in ("environ", "getenv")}
    return names


def _constant(node: ast.expr) -> str | None:
    value = node.value if isinstance(node, ast.Constant) else None
    return value if isinstance(value, str) and _NAME.fullmatch(value) else None


def remarks(files: Mapping[Path, Path], report: Report) -> None:
    """Report calls of the code that mean something else in a task than on a server."""
    for place, file in files.items():
        tree = parse(file) if place.suffix == ".py" and "migrations" not in place.parts else None
        if not tree:
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.Call):
                called = ast.unparse(node.func)
                if here := _REMARKS.get(called.rpartition(".")[2]):
                    report.yours(f"{place}:{node.lineno}", called, here)
            elif isinstance(node, ast.Constant) and str(node.value).startswith("sqlite:///"):
                report.yours(f"{place}:{node.lineno}", node.value, _sqlite(tree, node))


def _sqlite(tree: ast.Module, constant: ast.Constant) -> str:
    """Return what to do about a database in a file, with the variable that the same statement reads."""
    if str(constant.value).startswith("sqlite:////tmp"):
        return _SQLITE
    statements = [node for node in ast.walk(tree) if isinstance(node, ast.Assign | ast.Expr | ast.Return)]
    around = [node for node in statements if constant in ast.walk(node)]
    read = [name for node in around for name, _, _ in _reads(node, _names_of_os(tree))]
    variable = f'`variables={{"{read[0]}": "sqlite:////tmp/app.db"}}`' if read else "sqlite:////tmp/app.db"
    return _SQLITE_HERE.format(first=variable)


def untranslated(files: Mapping[Path, Path], report: Report) -> None:
    """Report translations that a build compiled, and nothing compiles here."""
    sources = [path for path in files if path.suffix == ".po" and path.with_suffix(".mo") not in files]
    if sources:
        report.yours(
            f"{len(sources)} translations",
            str(sources[0]),
            "not compiled: run `pybabel compile` there, and let git have the .mo files, or pages are in "
            "one language",
        )


def asks_for_its_version(files: Mapping[Path, Path], project: str) -> bool:
    """Return whether the code asks importlib.metadata for the project's own version."""
    for place, file in files.items():
        tree = parse(file) if place.suffix == ".py" else None
        for node in ast.walk(tree) if tree else ():
            if (
                isinstance(node, ast.Call)
                and node.args
                and re.search(r"(version|metadata|distribution)$", ast.unparse(node.func))
            ):
                asked = ast.unparse(node.args[0]).strip("'\"").replace("_", "-").lower()
                if asked in (project.replace("_", "-").lower(), "--name--", "--package--"):
                    return True
    return False
