"""The names that the code has: identifiers, words of strings, paths, make targets and variables."""

import ast
import itertools
import re
from collections.abc import Iterator
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path

from service.kit import ServerSettings
from tests.names.texts import ROOT, makefiles
from tools import causes

# The kit's own folders and files. A team's rooms are left out: what is in them is for the team to choose.
_KIT = (
    "infra",
    "service/kit",
    "service/server",
    "tools",
    "workshop",
    "benchmarks",
    "docs/recipes",
    ".github",
    ".ci",
)
_FILES = (
    "app.py",
    "cdk.json",
    "docs/gitlab-ci.yml",
    "service/__init__.py",
    "service/Dockerfile",
    "service/gunicorn_conf.py",
)
_TEAM = ("infra/environments.py", "infra/additions.py", "infra/accepted.py")
_OTHER_KINDS = {".yml", ".mk", ".conf", ".json", ".js", ".in", ".toml", ""}
_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


@cache
def names() -> frozenset[str]:
    """Return identifiers of the kit's code, words of its strings that are no sentences, and variables."""
    words = frozenset(word for text in [*_identifiers(), *strings()] for word in _WORD.findall(text))
    return words | {name.upper() for name in ServerSettings.model_fields}


@cache
def strings() -> frozenset[str]:
    """Return every string of the kit's Python that has no space, and every word of its other files."""
    # The causes are texts that are checked: their words prove nothing.
    trees = [tree for path, tree in _trees().items() if path != Path(causes.__file__)]
    found = {text for tree in trees for text in _strings(tree)}
    for path in _files():
        if path.suffix in _OTHER_KINDS:
            found.update(path.read_text().split())
    return frozenset(found)


@cache
def attributes() -> frozenset[tuple[str, str]]:
    """Return each name of the code with the name of what is taken from it: `task.definition` is one."""
    found = set()
    for tree in _trees().values():
        for node in ast.walk(tree):
            match node:
                case ast.Attribute(value=ast.Name(id=first) | ast.Attribute(attr=first), attr=second):
                    found.add((first, second))
                case ast.ImportFrom(module=str(module), names=imported):
                    found.update(itertools.pairwise(module.split(".")))
                    found.update((module.rpartition(".")[2], alias.name) for alias in imported)
    return frozenset(found)


def is_string(text: str) -> bool:
    """Return whether a string of the code contains the text."""
    return any(text in each for each in strings())


def is_made(path: str) -> bool:
    """Return whether a path is in a folder that commands make and Git ignores, such as cdk.out."""
    return path.partition("/")[0] in (ROOT / ".gitignore").read_text().replace("/", "").split()


@cache
def _file_names() -> frozenset[str]:
    places = ("infra", "service", "tools", "workshop", "tests", "docs", "benchmarks", ".github", ".ci")
    below = [path for place in places for path in (ROOT / place).rglob("*")]
    return frozenset(path.name for path in [*below, *ROOT.iterdir()])


def is_file(name: str) -> bool:
    """Return whether some file of the repository has this name, which may hold a `*`."""
    return any(fnmatchcase(each, name) for each in _file_names())


@cache
def targets() -> frozenset[str]:
    """Return every target of the Makefile and of what it includes."""
    lines = re.findall(r"^([a-z][a-z -]*):", _make(), re.MULTILINE)
    return frozenset(name for line in lines for name in line.split())


@cache
def make_variables() -> frozenset[str]:
    """Return every variable that a makefile reads."""
    return frozenset(re.findall(r"\$\((?:if \$\()?(?:or \$\()?([A-Z_]+)", _make()))


def _make() -> str:
    return "".join(path.read_text() for path in makefiles())


def _files() -> Iterator[Path]:
    for place in (*_KIT, *_FILES):
        path = ROOT / place
        for each in path.rglob("*") if path.is_dir() else [path]:
            kept = "__pycache__" in each.parts or str(each.relative_to(ROOT)) in _TEAM
            if each.is_file() and not kept and not each.is_relative_to(ROOT / "infra/recipes"):
                yield each
    yield from makefiles()


@cache
def _trees() -> dict[Path, ast.Module]:
    return {path: ast.parse(path.read_text()) for path in _files() if path.suffix == ".py"}


def _identifiers() -> Iterator[str]:
    for path in _files():
        yield path.stem
    for tree in _trees().values():
        for node in ast.walk(tree):
            match node:
                case ast.Name(id=name) | ast.Attribute(attr=name) | ast.arg(arg=name):
                    yield name
                case ast.FunctionDef(name=name) | ast.ClassDef(name=name) | ast.alias(name=name):
                    yield name
                case ast.keyword(arg=str(name)):
                    yield name


def _strings(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and " " not in node.value.strip():
            yield node.value.strip()
