"""Edit a team's infra/environments.py: set keywords of its environments, and leave all else as it stands."""

import ast
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import infra.parameters
from infra.parameters import Environment, Parameters
from tools.adopt.errors import AdoptError

FILE = Path("infra", "environments.py")
# What several environments share is written once.
SHARED = {"variables": "VARIABLES", "secrets": "SECRETS"}


class Place(NamedTuple):
    """A call of Environment(...) in the file: the name of its environment, and its keywords."""

    name: str
    call: ast.Call


class EnvironmentsFile:
    """The text of the file, with the calls that make its environments."""

    def __init__(self, text: str) -> None:
        self._text = text.encode()
        try:
            self._tree = ast.parse(text)
        except SyntaxError as error:
            raise AdoptError(f"{FILE}:{error.lineno}: this is not Python: {error.msg}") from None
        self._edits: list[tuple[int, int, str]] = []
        self._added: dict[str, str] = {}

    def places(self) -> dict[str, Place]:
        """Return the calls of Environment by name; that of `preview` is called preview."""
        found = {}
        for node in self._tree.body:
            for call in ast.walk(node):
                if isinstance(call, ast.Call) and ast.unparse(call.func) == "Environment":
                    name = next((word.value for word in call.keywords if word.arg == "name"), None)
                    known = name.value if isinstance(name, ast.Constant) else None
                    if isinstance(node, ast.FunctionDef) and node.name == "preview":
                        known = "preview"
                    if known:
                        found[str(known)] = Place(str(known), call)
        return found

    def shared(self, name: str) -> ast.expr | None:
        """Return the value of a constant of the file."""
        for node in self._tree.body:
            if isinstance(node, ast.Assign | ast.AnnAssign) and node.value:
                targets = node.targets if isinstance(node, ast.Assign) else [node.target]
                if [ast.unparse(target) for target in targets] == [name]:
                    return node.value
        return None

    def set(self, place: Place, keyword: str, code: str) -> None:
        """Set a keyword of an environment, in its place or behind the last one."""
        for word in place.call.keywords:
            if word.arg == keyword:
                self._replace(word.value, code)
                return
        last = place.call.keywords[-1].value
        end = self._offset(last.end_lineno, last.end_col_offset)
        self._edits.append((end, end, f",\n{keyword}={code}"))

    def set_shared(self, name: str, code: str) -> None:
        """Set a constant, which stands before the first environment."""
        value = self.shared(name)
        if value:
            self._replace(value, code)
            return
        kind = "dict[str, str]" if name == SHARED["variables"] else "dict[str, SecretChoice]"
        self._before_first(f"{name}: {kind} = {code}\n\n")

    def add(self, name: str, code: str) -> None:
        """Add an environment behind the last one, and to ENVIRONMENTS."""
        self._added[name.upper().replace("-", "_")] = code

    def text(self) -> str:
        """Return the file with all edits and all imports that it needs."""
        if self._added:
            self._add_environments()
        text = self._text
        # From the end of the file to its start, so that the offsets before an edit stay right.
        for start, end, code in reversed(sorted(self._edits, key=lambda each: each[0])):
            text = text[:start] + code.encode() + text[end:]
        return _with_imports(text.decode())

    def _add_environments(self) -> None:
        value = self.shared("ENVIRONMENTS")
        if not isinstance(value, ast.Tuple | ast.List):
            raise AdoptError(
                f"{FILE} has no ENVIRONMENTS = (...), to which environments could be added: write it"
            )
        names = [*map(ast.unparse, value.elts), *self._added]
        self._replace(value, f"({', '.join(names)},)")
        start = self._offset(value.lineno, 0)
        code = "".join(f"{name} = {each}\n\n" for name, each in self._added.items())
        self._edits.append((start, start, code))

    def _replace(self, node: ast.expr, code: str) -> None:
        start = self._offset(node.lineno, node.col_offset)
        self._edits.append((start, self._offset(node.end_lineno, node.end_col_offset), code))

    def _before_first(self, code: str) -> None:
        for node in self._tree.body:
            if "Environment(" in ast.unparse(node) and not isinstance(node, ast.Import | ast.ImportFrom):
                start = self._offset(node.lineno, 0)
                self._edits.append((start, start, code))
                return
        raise AdoptError(f"{FILE} has no Environment(...): write one first, such as Environment(name='dev')")

    def _offset(self, line: int | None, column: int | None) -> int:
        lines = self._text.splitlines(keepends=True)
        return sum(map(len, lines[: (line or 1) - 1])) + (column or 0)


def code_of(value: Any) -> str:
    """Return Python code for a value of a parameter, with the fields that are set and no others."""
    if isinstance(value, Parameters):
        words = [f"{name}={code_of(getattr(value, name))}" for name in _set_fields(value)]
        return f"{type(value).__name__}({', '.join(words)})"
    if isinstance(value, tuple):
        return f"({', '.join(map(code_of, value))}{',' if len(value) == 1 else ''})"
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{code_of(name)}: {code_of(each)}" for name, each in value.items()) + "}"
    return repr(value)


def _set_fields(value: Parameters) -> Iterator[str]:
    # In the order of the class, so that two runs write the same.
    return (name for name in type(value).model_fields if name in value.model_fields_set)


def environment_code(environment: Environment, **instead: str) -> str:
    """Return the code of a whole environment; `instead` has other code for some keywords."""
    words = [
        f"{name}={instead.get(name) or code_of(getattr(environment, name))}"
        for name in _set_fields(environment)
    ]
    return f"Environment({', '.join(words)})"


def _with_imports(text: str) -> str:
    """Import from infra.parameters all its names that the text uses."""
    tree = ast.parse(text)
    statement = next(
        (
            node
            for node in tree.body
            if isinstance(node, ast.ImportFrom) and node.module == "infra.parameters"
        ),
        None,
    )
    if statement is None:
        raise AdoptError(f"{FILE} imports nothing from infra.parameters: import Environment from there")
    used = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    imported = {each.name: each.asname for each in statement.names}
    names = sorted({*imported, *(used & {*infra.parameters.__all__})}, key=_import_order)
    lines = text.splitlines(keepends=True)
    words = [f"{name} as {imported[name]}" if imported.get(name) else name for name in names]
    lines[statement.lineno - 1 : statement.end_lineno] = [
        f"from infra.parameters import ({', '.join(words)},)\n"
    ]
    return "".join(lines)


def _import_order(name: str) -> tuple[bool, str]:
    # As ruff sorts: constants first.
    return not name.isupper(), name


def formatted(files: Mapping[Path, str], root: Path) -> dict[Path, str]:
    """Return Python files as ruff formats them under the project's own settings."""
    with tempfile.TemporaryDirectory() as folder:
        places = {path: Path(folder) / f"{number}.py" for number, path in enumerate(files)}
        for path, place in places.items():
            place.write_text(files[path])
        command = [
            sys.executable,
            "-m",
            "ruff",
            "format",
            "--quiet",
            "--no-cache",
            "--config",
            str(root / "pyproject.toml"),
            folder,
        ]
        done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 # our own command
        if done.returncode:
            raise AdoptError(f"ruff could not format what adopt wrote: {done.stderr.strip()}")
        return {path: place.read_text() for path, place in places.items()}


def same_code(one: str, other: str) -> bool:
    """Return whether two expressions are the same but for their format."""
    return ast.dump(ast.parse(one, mode="eval")) == ast.dump(ast.parse(other, mode="eval"))


def common(values: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return what is the same in all mappings."""
    first, *others = values
    return {
        name: value
        for name, value in first.items()
        if all(name in each and each[name] == value for each in others)
    }
