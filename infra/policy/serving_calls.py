"""Find the call in a Python file that starts a development server."""

import ast
import re
from collections.abc import Callable, Iterator
from functools import cached_property

# Returns the text of a file of the image by its path, or None if the text is not known.
ReadFile = Callable[[str], str | None]

# What makes an object whose `run` serves with Werkzeug. Dash: https://dash.plotly.com/reference (app.run);
# Flask-SocketIO: https://flask-socketio.readthedocs.io/en/latest/deployment.html (allow_unsafe_werkzeug).
_FACTORY = re.compile(r"(create|make|build|get|init)_(flask_)?(app|application|server)")
_KINDS = {"Flask": "flask", "Dash": "dash", "JupyterDash": "dash", "SocketIO": "socketio"}
# Objects that hand the words of their command line on: flask.cli.FlaskGroup, flask_script.Manager.
_KINDS |= {"FlaskGroup": "command", "Manager": "command"}
_SERVES = {"flask": {"run"}, "dash": {"run", "run_server"}, "socketio": {"run"}, "command": {"run", "main"}}
_WERKZEUG = {"run_simple", "make_server"}
_STARTS_A_PROGRAM = re.compile(r"os\.(system|popen|exec\w+|spawn\w+|posix_spawnp?)|subprocess\.\w+")
# A name that an app usually has, for a module whose source is not known.
_USUAL_NAMES = {"app", "application"}


def line_that_serves(
    source: str,
    *,
    read: ReadFile = lambda _path: None,
    words: tuple[str, ...] = (),
    is_command: Callable[[list[str]], bool] = lambda _words: False,
    started: bool = True,
) -> int | None:
    """Return the line on which a Python file starts the development server, or None if it does not.

    `read` finds the modules that the file imports, `words` are the arguments it is started with, `is_command`
    judges a command that it starts, and `started` is False for a file that is only imported.
    """
    module = _Module.parse(source, read)
    if module is None:
        return None
    nodes = ast.walk(module.tree) if started else _run_by_an_import(module.tree)
    lines = (_line(node, module, words, is_command) for node in nodes)
    return min((line for line in lines if line), default=None)


def _line(
    node: ast.AST, module: "_Module", words: tuple[str, ...], is_command: Callable[[list[str]], bool]
) -> int | None:
    if isinstance(node, ast.Call):
        called = module.full_name(node.func)
        if called.startswith("werkzeug.") and called.rpartition(".")[2] in _WERKZEUG:
            return node.lineno
        if _STARTS_A_PROGRAM.fullmatch(called):
            # These take the program once more, as the first of its arguments.
            twice = called.startswith(("os.exec", "os.spawn", "os.posix_spawn"))
            return node.lineno if is_command(_words_in(node)[twice:]) else None
        if module.kind(node.func) == "command" and _asks_to_serve(words):
            return node.lineno
        if isinstance(node.func, ast.Attribute) and module.kind(node.func.value) == "socketio":
            return node.lineno if node.func.attr == "run" and module.is_unsafe(node) else None
    if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load):
        kind = module.kind(node.value)
        if kind == "command" and not _asks_to_serve(words):
            return None
        return node.lineno if kind not in (None, "socketio") and node.attr in _SERVES[kind] else None
    return None


def _asks_to_serve(words: tuple[str, ...]) -> bool:
    return any(word in {"run", "runserver"} for word in words)


def _words_in(call: ast.Call) -> list[str]:
    constants = (node.value for node in ast.walk(call) if isinstance(node, ast.Constant))
    return [word for word in constants if isinstance(word, str)]


class _Module:
    """A Python file, and what its names stand for."""

    def __init__(self, tree: ast.Module, read: ReadFile, seen: frozenset[str]) -> None:
        self.tree, self._read, self._seen = tree, read, seen
        self._asked: set[str] = set()

    @classmethod
    def parse(cls, source: str, read: ReadFile, seen: frozenset[str] = frozenset()) -> "_Module | None":
        """Return the module; None if it is no Python."""
        try:
            return cls(ast.parse(source), read, seen)
        except (SyntaxError, ValueError, RecursionError):
            return None

    @cached_property
    def _imports(self) -> dict[str, str]:
        """Map each imported name to the dotted name that it stands for."""
        names = {}
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                for each in node.names:
                    top = each.name.partition(".")[0]  # `import a.b` binds `a`
                    names[each.asname or top] = each.name if each.asname else top
            elif isinstance(node, ast.ImportFrom):
                for each in node.names:
                    names[each.asname or each.name] = f"{node.module or ''}.{each.name}".strip(".")
        return names

    @cached_property
    def _values(self) -> dict[str, list[ast.expr]]:
        """Map each assigned name, attribute or annotated parameter to the expressions it was given."""
        values: dict[str, list[ast.expr]] = {}
        for node in ast.walk(self.tree):
            for target, value in _bindings(node):
                values.setdefault(ast.unparse(target), []).append(value)
        return values

    @cached_property
    def _definitions(self) -> dict[str, ast.AST]:
        kinds = ast.ClassDef | ast.FunctionDef
        return {node.name: node for node in ast.walk(self.tree) if isinstance(node, kinds)}

    def full_name(self, expression: ast.expr) -> str:
        """Return the dotted name of an expression, with imported names written out."""
        first, dot, rest = ast.unparse(expression).partition(".")
        return self._imports.get(first, first) + dot + rest

    def kind(self, expression: ast.expr) -> str | None:
        """Return what an expression is: "flask", "dash", "socketio", "command", or None for anything else."""
        if isinstance(expression, ast.Call):
            return self._kind_made_by(expression)
        if isinstance(expression, ast.NamedExpr):
            return self.kind(expression.value)
        if not isinstance(expression, ast.Name | ast.Attribute):
            return None
        name = ast.unparse(expression)
        if name in self._asked:
            return None  # a name that is assigned to itself
        self._asked.add(name)
        try:
            return self._kind_of_name(name, expression)
        finally:
            self._asked.discard(name)

    def _kind_of_name(self, name: str, expression: ast.expr) -> str | None:
        if values := self._values.get(name):
            kinds = (self.kind(value) or self._kind_of_annotation(value) for value in values)
            return next((kind for kind in kinds if kind), None)
        if name.partition(".")[0] in self._imports:
            return self._imported(self.full_name(expression), lambda module, last: module.kind(last))
        return "flask" if name in _USUAL_NAMES and name not in self._definitions else None

    def _kind_of_annotation(self, value: ast.expr) -> str | None:
        # A parameter is bound to its annotation: `def main(app: Flask)`.
        return _KINDS.get(self.full_name(value).rpartition(".")[2]) if isinstance(value, ast.Name) else None

    def _kind_made_by(self, call: ast.Call) -> str | None:
        name = self.full_name(call.func)
        last = name.rpartition(".")[2]
        if isinstance(call.func, ast.Name | ast.Attribute) and (found := self._definitions.get(name)):
            return self._kind_defined(found)
        if last in _KINDS:
            # Other packages have managers, too.
            return _KINDS[last] if last != "Manager" or name.startswith("flask_script") else None
        known = self._imported(name, lambda module, made: module.kind(ast.Call(made, [], [])))
        return known or ("flask" if _FACTORY.fullmatch(last) else None)

    def _kind_defined(self, definition: ast.AST) -> str | None:
        """Return what a class of this file is by its bases, or what a function returns."""
        if isinstance(definition, ast.ClassDef):
            bases = (self.full_name(base).rpartition(".")[2] for base in definition.bases)
            return next((_KINDS[base] for base in bases if base in _KINDS), None)
        returned = (
            node.value for node in ast.walk(definition) if isinstance(node, ast.Return) and node.value
        )
        return next((kind for value in returned if (kind := self.kind(value))), None)

    def _imported(
        self, name: str, ask: Callable[["_Module", ast.expr], str | None], *, depth: int = 3
    ) -> str | None:
        """Ask the module that defines a name; without its source, the usual names of an app count."""
        module, _, last = name.rpartition(".")
        path = module.replace(".", "/")
        for candidate in (f"{path}.py", f"{path}/__init__.py"):
            source = self._read(candidate) if module and candidate not in self._seen else None
            if source is not None and len(self._seen) < depth:
                found = _Module.parse(source, self._read, self._seen | {candidate})
                return ask(found, ast.Name(last, ast.Load())) if found else None
        return "flask" if last in _USUAL_NAMES else None

    def is_unsafe(self, call: ast.Call) -> bool:
        """Return whether Flask-SocketIO is told to serve with Werkzeug, which it otherwise refuses to do."""
        given = next((each.value for each in call.keywords if each.arg == "allow_unsafe_werkzeug"), None)
        return given is not None and not (isinstance(given, ast.Constant) and not given.value)


def _bindings(node: ast.AST) -> Iterator[tuple[ast.expr, ast.expr]]:
    if isinstance(node, ast.Assign):
        for target in node.targets:
            yield from _pairs(target, node.value)
    elif isinstance(node, ast.AnnAssign | ast.NamedExpr) and node.value:
        yield node.target, node.value
    elif isinstance(node, ast.arg) and isinstance(node.annotation, ast.Name):
        yield ast.Name(node.arg, ast.Load()), node.annotation
    elif isinstance(node, ast.withitem) and node.optional_vars:
        yield node.optional_vars, node.context_expr


def _pairs(target: ast.expr, value: ast.expr) -> Iterator[tuple[ast.expr, ast.expr]]:
    if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple) and len(target.elts) == len(value.elts):
        yield from zip(target.elts, value.elts, strict=True)
    else:
        yield target, value


def _run_by_an_import(node: ast.AST) -> Iterator[ast.AST]:
    """Yield the nodes that an import runs: none of a function, none below `if __name__ == "__main__"`."""
    yield node
    for child in ast.iter_child_nodes(node):
        is_main = isinstance(child, ast.If) and "__main__" in ast.unparse(child.test)
        if not is_main and not isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            yield from _run_by_an_import(child)
