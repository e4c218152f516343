"""Find the Flask app of a repository by reading its code; nothing of it is ever imported or run."""

import ast
import re
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from tools.adopt.commands import Command
from tools.adopt.errors import AdoptError

# Classes that are Flask apps, beside subclasses in the repository itself.
_FLASK = {"Flask", "APIFlask", "OpenAPI", "Eve"}
_FACTORY_NAMES = {
    "create_app",
    "make_app",
    "app_factory",
    "create_application",
    "make_application",
    "build_app",
}
_APP_NAMES = ("app", "application", "create_app", "make_app")
# Files that Flask and servers look into first.
# https://flask.palletsprojects.com/en/stable/cli/#application-discovery
_FIRST_FILES = ("wsgi", "application", "app", "main", "run", "server", "manage")
_NOT_THE_APP = frozenset(
    [
        "tests",
        "test",
        "docs",
        "doc",
        "examples",
        "migrations",
        "alembic",
        "node_modules",
        "venv",
        "env",
        "site-packages",
        "build",
        "dist",
    ]
)
_MOST_FILES = 20_000
_LARGEST_BYTES = 2 * 1024 * 1024


class Candidate(NamedTuple):
    """Something that gives a Flask app: where it is, and how it is made."""

    root: Path
    module: str
    name: str
    line: int
    factory: bool
    required: tuple[str, ...] = ()
    # What the app was made by: the name and the arguments of the call.
    made_by: str = ""
    through: str = ""

    @property
    def label(self) -> str:
        """Return how Gunicorn would name it."""
        return f"{self.module}:{self.name}{'()' if self.factory else ''}"


class Entry(NamedTuple):
    """The app that was found: the folder its imports start from, the module, the name, how it is called."""

    root: Path
    module: str
    name: str
    factory: bool
    arguments: str
    because: str

    @property
    def label(self) -> str:
        """Return how Gunicorn would name it."""
        return f"{self.module}:{self.name}{f'({self.arguments})' if self.factory else ''}"


def python_files(root: Path) -> Iterator[Path]:
    """Yield the Python files that may be the app's: no tests, no documents, nothing hidden."""
    seen = 0
    for path in sorted(root.rglob("*.py")):
        parts = path.relative_to(root).parts
        if any(part.startswith(".") or part in _NOT_THE_APP for part in parts[:-1]) or path.is_symlink():
            continue
        seen += 1
        if seen > _MOST_FILES:
            raise AdoptError(
                f"{root} has more than {_MOST_FILES} Python files: give the app's own folder as FROM"
            )
        if path.stat().st_size <= _LARGEST_BYTES and not re.match(
            r"(test_.*|.*_test|tests|conftest|setup)\.py$", parts[-1]
        ):
            yield path


def parse(path: Path) -> ast.Module | None:
    """Return the syntax tree of a file, None if it is not Python."""
    try:
        with warnings.catch_warnings():
            # An escape such as "\\d" is theirs to mend.
            warnings.simplefilter("ignore")
            return ast.parse(path.read_bytes())
    except (SyntaxError, ValueError):
        return None


def import_root(path: Path, top: Path) -> tuple[Path, str]:
    """Return the folder from which a file is imported, and the module that it is there."""
    folder = path.parent
    while folder != top and (folder / "__init__.py").exists():
        folder = folder.parent
    words = path.relative_to(folder).with_suffix("").parts
    return folder, ".".join(words[:-1] if words[-1] == "__init__" else words)


def candidates(top: Path) -> list[Candidate]:
    """Return everything in a repository that gives a Flask app."""
    trees = {path: tree for path in python_files(top) if (tree := parse(path))}
    classes = _FLASK | {
        node.name
        for tree in trees.values()
        for node in tree.body
        if isinstance(node, ast.ClassDef) and any(_last(base) in _FLASK for base in node.bases)
    }
    factories = _FACTORY_NAMES | {
        node.name
        for tree in trees.values()
        for node in tree.body
        if isinstance(node, ast.FunctionDef) and _is_factory(node, classes)
    }
    return [
        found for path, tree in trees.items() for found in _in_module(path, tree, top, classes, factories)
    ]


def _in_module(
    path: Path, tree: ast.Module, top: Path, classes: set[str], factories: set[str]
) -> Iterator[Candidate]:
    root, module = import_root(path, top)
    for node in _statements(tree.body):
        if isinstance(node, ast.FunctionDef) and _is_factory(node, classes):
            yield Candidate(root, module, node.name, node.lineno, factory=True, required=_required(node))
        elif isinstance(node, ast.Assign | ast.AnnAssign) and isinstance(node.value, ast.Call):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            called = _last(node.value.func)
            if isinstance(targets[0], ast.Name) and called in classes | factories:
                by = ast.unparse(node.value) if called in factories else ""
                yield Candidate(root, module, targets[0].id, node.lineno, factory=False, made_by=by)
            elif isinstance(targets[0], ast.Name) and called == "FlaskApp":
                # Connexion's app has the Flask app inside.
                yield Candidate(root, module, targets[0].id, node.lineno, factory=False, through=".app")


def _statements(body: Sequence[ast.stmt]) -> Iterator[ast.stmt]:
    """Yield the statements that run at import, also those below try, with and if, but no __main__."""
    for node in body:
        yield node
        if isinstance(node, ast.If) and "__name__" in ast.unparse(node.test):
            continue
        if isinstance(node, ast.If | ast.Try | ast.With):
            yield from _statements(node.body)


def _is_factory(node: ast.stmt, classes: set[str]) -> bool:
    if not isinstance(node, ast.FunctionDef) or node.name.startswith("_"):
        return False
    if node.returns is not None and _last(node.returns) in classes:
        return True
    made = {
        target.id
        for each in ast.walk(node)
        if isinstance(each, ast.Assign)
        and isinstance(each.value, ast.Call)
        and _last(each.value.func) in classes
        for target in each.targets
        if isinstance(target, ast.Name)
    }
    returned = {
        each.value.id
        for each in ast.walk(node)
        if isinstance(each, ast.Return) and isinstance(each.value, ast.Name)
    }
    return bool(made & returned) or (node.name in _FACTORY_NAMES and bool(returned))


def _required(node: ast.FunctionDef) -> tuple[str, ...]:
    arguments = node.args
    positional = [*arguments.posonlyargs, *arguments.args]
    without = positional[: len(positional) - len(arguments.defaults)]
    named = [
        each
        for each, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
        if default is None
    ]
    return tuple(each.arg for each in (*without, *named))


def _last(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def choose(
    top: Path,
    found: list[Candidate],
    commands: Sequence[Command],
    flask_app: tuple[str, str] | None,
    app: str | None,
) -> Entry:
    """Return the app: the one that is asked for, that servers start, that FLASK_APP names, or the only one.

    Raises AdoptError, with every candidate, where it is not certain.
    """
    if app:
        return _named(top, app, "APP", found)
    started = {command.target: command for command in commands if command.target}
    entries = [
        _named(top, _as_target(target, top), command.source, found) for target, command in started.items()
    ]
    entries = list({(each.root, each.module, each.name, each.arguments): each for each in entries}.values())
    if len(entries) > 1:
        raise _unclear([f"{each.label} ({each.because})" for each in entries], entries[0].label)
    if entries:
        return entries[0]
    if flask_app and flask_app[1]:
        return _named(top, _as_target(flask_app[1], top), flask_app[0], found)
    return _only(found)


def _as_target(text: str, top: Path) -> str:
    """Return module:name for what a command names: a file, a module, or both."""
    file, _, name = text.partition(":")
    if file.endswith(".py") or "/" in file:
        file = file.removesuffix(".py").removeprefix("./").strip("/").replace("/", ".")
        file = file.removeprefix("src.") if (top / "src").is_dir() else file
    return f"{file}:{name}" if name else file


def _named(top: Path, target: str, because: str, found: list[Candidate]) -> Entry:
    """Return the app of a text such as wsgi:application or shop:create_app("prod")."""
    match = re.fullmatch(r"([\w.]+)(?::([\w.]+)(?:\((.*)\))?)?", target.strip())
    if not match:
        raise AdoptError(
            f"{because} names '{target}', which is no app: write it as APP=module:name, such as APP=wsgi:app"
        )
    module, name, arguments = match[1], match[2], match[3]
    roots = [top, top / "src", *dict.fromkeys(each.root for each in found)]
    for root in roots:
        path = module_file(root, module)
        if path is None:
            continue
        own = [each for each in found if each.root == root and each.module == module]
        known = next((each for each in own if each.name == name), None) or _followed(
            root, path, name or "", found
        )
        if name is None:
            # As Flask and Gunicorn look: app, application, then a factory.
            known = min(
                (each for each in own if each.name in _APP_NAMES or len(own) == 1),
                key=lambda each: _APP_NAMES.index(each.name) if each.name in _APP_NAMES else 9,
                default=None,
            )
            name = (
                known.name
                if known
                else "application"
                if because.startswith(("Procfile", "Dockerfile"))
                else "app"
            )
        factory = arguments is not None or bool(known and known.factory)
        if factory and known and known.required and not arguments:
            raise _needs_arguments(known, found)
        return Entry(root, module, name + (known.through if known else ""), factory, arguments or "", because)
    here = ", ".join(each.label for each in found) or "none"
    raise AdoptError(f"{because} names '{target}', but {top} has no module {module}; the apps in it: {here}")


def module_file(root: Path, module: str) -> Path | None:
    """Return the file of a module, None if there is none."""
    base = root.joinpath(*module.split("."))
    return next((path for path in (base.with_suffix(".py"), base / "__init__.py") if path.is_file()), None)


def _followed(root: Path, path: Path, name: str, found: list[Candidate]) -> Candidate | None:
    """Return the candidate that a module imports under this name."""
    tree = parse(path)
    for node in tree.body if tree else []:
        if isinstance(node, ast.ImportFrom) and name in {each.asname or each.name for each in node.names}:
            original = next(each.name for each in node.names if name in (each.asname, each.name))
            ending = node.module or ""
            return next(
                (
                    each
                    for each in found
                    if each.root == root and each.name == original and each.module.endswith(ending)
                ),
                None,
            )
    return None


def _only(found: list[Candidate]) -> Entry:
    """Return the app where nothing names it: the only one, or the one made of the others."""
    if not found:
        raise AdoptError(
            "no Flask app was found: no `Flask(...)`, no create_app or make_app. Say where it is: "
            "APP=module:name, "
            "or give its own folder as FROM"
        )
    called = {each.made_by.partition("(")[0].rpartition(".")[2] for each in found if each.made_by}
    outer = [each for each in found if not (each.factory and each.name in called)]
    calls = {each.made_by for each in outer}
    if len(outer) > 1 and len(calls) == 1 and calls != {""} and len({each.root for each in outer}) == 1:
        # All are made by the same call, so they are the same app: the module for servers, else the factory.
        first = [each for each in outer if each.module in _FIRST_FILES]
        made = [each for each in found if each.factory and each.name in called]
        outer = sorted(first, key=lambda each: _FIRST_FILES.index(each.module))[:1] or made
    if len(outer) > 1 and (exported := _exported(outer)):
        return exported
    if len(outer) > 1:
        raise _unclear([f"{each.label} (line {each.line})" for each in outer], outer[0].label)
    chosen = outer[0]
    if chosen.required:
        raise _needs_arguments(chosen, found)
    return Entry(
        chosen.root,
        chosen.module,
        chosen.name + chosen.through,
        chosen.factory,
        "",
        "the only Flask app in the code",
    )


def _exported(found: list[Candidate]) -> Entry | None:
    """Return the app that a package itself has, such as shop:app by `from .core import app`."""
    entries = []
    for each in found:
        package, _, inside = each.module.partition(".")
        tree = parse(each.root / package / "__init__.py") if inside and not each.required else None
        names = {
            alias.asname or alias.name
            for node in (tree.body if tree else ())
            if isinstance(node, ast.ImportFrom) and (node.module or "").removeprefix(f"{package}.") == inside
            for alias in node.names
            if alias.name in (each.name, "*")
        }
        for name in names:
            own = each.name if name == "*" else name
            because = f"the app that the package {package} exports"
            entries.append(Entry(each.root, package, own + each.through, each.factory, "", because))
    return entries[0] if len(entries) == 1 else None


def _unclear(labels: list[str], example: str) -> AdoptError:
    example = example if "(" not in example else f"'{example}'"
    return AdoptError(
        f"there are several apps, {', '.join(labels)}: say which with APP=module:name, such as APP={example}"
    )


def _needs_arguments(candidate: Candidate, found: list[Candidate]) -> AdoptError:
    made = [each for each in found if candidate.name in each.made_by]
    ways = [f"APP={each.module}:{each.name}, which is made by {each.made_by}" for each in made]
    ways.append(
        f"APP='{candidate.module}:{candidate.name}(\"...\")' with a value for {', '.join(candidate.required)}"
    )
    return AdoptError(f"{candidate.label} needs {', '.join(candidate.required)}: say {' or '.join(ways)}")
