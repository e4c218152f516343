"""Read the rows of docs/features.md, and name the errors in a row."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple, get_args, get_origin

from infra.elsewhere import FATES
from infra.parameters import Environment, Parameters

ROOT = Path(__file__).resolve().parent.parent.parent
COLUMNS = 10
# What is said of the same environment in two other places.
_PLACES = ("Cloud Run", "Container Apps")
_SAID = re.compile(r"(yes|no|in part|refused|behind the edge|by itself|needs no|x86-64 alone|-)\b|-$")


class Row(NamedTuple):
    """One feature of the table; `cells` are all of its columns."""

    cells: tuple[str, ...]

    @property
    def id(self) -> str:
        return self.cells[0]

    @property
    def here(self) -> str:
        return self.cells[2]

    @property
    def proof(self) -> str:
        return self.cells[3]


def rows(page: str) -> list[Row]:
    """Return every row of every table whose first cell is an id such as N1."""
    lines = [tuple(cell.strip() for cell in line.strip("|").split("|")) for line in page.splitlines()]
    return [Row(cells) for cells in lines if re.fullmatch(r"[A-Z]\d+", cells[0])]


def problems(row: Row) -> Iterator[str]:
    """Yield a sentence about each error in a row."""
    if len(row.cells) != COLUMNS or not all(row.cells):
        yield f"{row.id} has {len([cell for cell in row.cells if cell])} cells filled, not {COLUMNS}"
        return
    if re.match(r"no: \S+ \S+", row.here):
        return
    named, tests = _quoted(row.here), _quoted(row.proof)
    recipes = [name for name in named if name.startswith("docs/recipes/")]
    targets = [name.removeprefix("make ") for name in named if name.startswith("make ")]
    parameters = [name for name in named if not name.startswith(("docs/recipes/", "make "))]
    if not (named or row.here.startswith("always: ")):
        yield f"{row.id} has no parameter, recipe or make target, and is not 'always: ...' or 'no: ...'"
    if not tests:
        yield f"{row.id} has no proof"
    yield from (f"{row.id}: no parameter is called {each}" for each in parameters if not _is_parameter(each))
    yield from (f"{row.id}: there is no recipe {each}" for each in recipes if not (ROOT / each).is_file())
    yield from (f"{row.id}: there is no target {each}" for each in targets if each not in all_targets())
    yield from (f"{row.id}: there is no test {each}" for each in tests if each not in all_tests())
    for number, (cell, place) in enumerate(zip(row.cells[-2:], _PLACES, strict=True)):
        known = [key for name in parameters for key in _fields(name) if key in FATES]
        kinds: set[str] = {FATES[key][number].kind for key in known}
        if fault := _fault(cell, kinds):
            yield f"{row.id}: of {place} it says '{cell}', {fault}"


def _fault(cell: str, kinds: set[str]) -> str:
    """Return what is wrong with the word for a place, by what becomes of the parameters there."""
    if not _SAID.match(cell):
        return "which begins with no word that is known"
    if kinds == {"refused"} and not cell.startswith("refused"):
        return "where each of its parameters is refused"
    if cell.startswith("refused") and kinds and "refused" not in kinds:
        return "where none of its parameters is refused"
    if cell.startswith("yes") and kinds & {"refused", "told"}:
        return "where not all of its parameters are carried over"
    return ""


def _quoted(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


@cache
def all_tests() -> frozenset[str]:
    """Return every test function, as file::name."""
    return frozenset(
        f"{path.name}::{node.name}"
        for path in (ROOT / "tests").rglob("test_*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    )


@cache
def all_targets() -> frozenset[str]:
    """Return every target of the Makefile and of the files it includes."""
    makefiles = (ROOT / "Makefile", *ROOT.glob("tools/*/*.mk"))
    return frozenset(
        name
        for path in makefiles
        for names in re.findall(r"^([a-z][a-z -]*):", path.read_text(), re.MULTILINE)
        for name in names.split()
    )


def _is_parameter(name: str) -> bool:
    """Return whether a text is a dotted path from Environment, or a class that a field takes."""
    if name[0].isupper():
        return name in {model.__name__ for model in _all_models(Environment)}
    models: set[type[Parameters]] = {Environment}
    for part in name.split("."):
        fields = [model.model_fields[part] for model in models if part in model.model_fields]
        if not fields:
            return False
        models = {each for field in fields for each in _models_in(field.annotation)}
    return True


def _fields(name: str) -> list[str]:
    """Return what a dotted path can mean, as Class.field; a class is itself."""
    if name[0].isupper():
        return [name]
    models: set[type[Parameters]] = {Environment}
    found: list[str] = []
    for part in name.split("."):
        having = [model for model in models if part in model.model_fields]
        found = [f"{model.__name__}.{part}" for model in having]
        models = {each for model in having for each in _models_in(model.model_fields[part].annotation)}
    return found


def _models_in(annotation: Any) -> set[type[Parameters]]:
    if get_origin(annotation) is dict:
        return _models_in(get_args(annotation)[1])
    members = get_args(annotation)
    if members:
        return {model for each in members for model in _models_in(each)}
    return {annotation} if isinstance(annotation, type) and issubclass(annotation, Parameters) else set()


def _all_models(root: type[Parameters]) -> set[type[Parameters]]:
    nested = {each for field in root.model_fields.values() for each in _models_in(field.annotation)}
    return {root}.union(*(_all_models(each) for each in nested))
