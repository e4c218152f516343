"""Find out what the names in a Python file stand for, as far as they may serve."""

import ast
import re
from collections.abc import Callable, Iterator
from functools import cached_property

# Returns the text of a file of the image by its path, or None if the text is not known.
ReadFile = Callable[[str], str | None]

_FACTORY = re.compile(r"(create|make|build|get|init)_(flask_)?(app|application|server)")
# What makes an object whose `run` serves with Werkzeug, by the full name. Packages call their Flask
# APIFlask or connexion.FlaskApp. Dash: https://dash.plotly.com/reference (app.run).
# An object of the kind "command" hands the words of its command line on.
_KINDS = {
    re.compile(r"flask\.cli\.(main|cli)|(.*\.)?FlaskGroup|flask_script(\.\w+)*\.Manager"): "command",
    re.compile(r"(.*\.)?(Jupyter)?Dash(Proxy)?"): "dash",
    re.compile(r"(.*\.)?\w*Flask(App)?|(.*\.)?flask\.current_app|eve\.Eve|flask_openapi3\.OpenAPI"): "flask",
}
# What an object has that is of another kind.
_PARTS: dict[tuple[object, object], str] = {("dash", "server"): "flask", ("flask", "cli"): "command"}
# A name that an app usually has, for a module whose source is not known.
_USUAL_NAMES = {"app", "application"}


class Module:
    """A Python file, and what its names stand for."""

    def __init__(self, tree: ast.Module, read: ReadFile, seen: frozenset[str]) -> None:
        self.tree, self._read, self._seen = tree, read, seen
        self._asked: set[str] = set()

    @classmethod
    def parse(cls, source: str, read: ReadFile, seen: frozenset[str] = frozenset()) -> "Module | None":
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
    def _stars(self) -> list[str]:
        """Return the modules from which every name is imported."""
        nodes = (node for node in ast.walk(self.tree) if isinstance(node, ast.ImportFrom))
        return [node.module for node in nodes if node.module and node.names[0].name == "*"]

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
        if isinstance(expression, ast.IfExp):
            return self.kind(expression.body) or self.kind(expression.orelse)
        if isinstance(expression, ast.BoolOp):
            return next((kind for value in expression.values if (kind := self.kind(value))), None)
        if isinstance(expression, ast.NamedExpr):
            return self.kind(expression.value)
        if not isinstance(expression, ast.Name | ast.Attribute | ast.Subscript):
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
            return next((kind for value in values if (kind := self.kind(value))), None)
        owner = self.kind(expression.value) if isinstance(expression, ast.Attribute) else None
        if part := _PARTS.get((owner, getattr(expression, "attr", None))):
            return part
        full = self.full_name(expression)
        if kind := _kind_called(full):
            return kind
        if name.partition(".")[0] in self._imports:
            return self._imported(full, lambda module, last: module.kind(last))
        for module in self._stars:
            if kind := self._imported(f"{module}.{name}", lambda module, last: module.kind(last)):
                return kind
        return "flask" if name in _USUAL_NAMES and name not in self._definitions else None

    def _kind_made_by(self, call: ast.Call) -> str | None:
        name = self.full_name(call.func)
        last = name.rpartition(".")[2]
        if isinstance(call.func, ast.Name | ast.Attribute) and (found := self._definitions.get(name)):
            return self._kind_defined(found)
        if kind := _kind_called(name):
            return kind
        known = self._imported(name, lambda module, made: module.kind(ast.Call(made, [], [])))
        return known or ("flask" if _FACTORY.fullmatch(last) else None)

    def _kind_defined(self, definition: ast.AST) -> str | None:
        """Return what a class of this file is by its bases, or what a function returns."""
        if isinstance(definition, ast.ClassDef):
            return next((kind for base in definition.bases if (kind := self.kind(base))), None)
        if kind := self.kind(_plain(getattr(definition, "returns", None))):
            return kind
        returned = (
            node.value for node in ast.walk(definition) if isinstance(node, ast.Return) and node.value
        )
        return next((kind for value in returned if (kind := self.kind(value))), None)

    def _imported(
        self, name: str, ask: Callable[["Module", ast.expr], str | None], *, depth: int = 3
    ) -> str | None:
        """Ask the module that defines a name; without its source, the usual names of an app count."""
        module, _, last = name.rpartition(".")
        path = module.replace(".", "/")
        for candidate in (f"{path}.py", f"{path}/__init__.py"):
            source = self._read(candidate) if module and candidate not in self._seen else None
            if source is not None and len(self._seen) < depth:
                found = Module.parse(source, self._read, self._seen | {candidate})
                return ask(found, ast.Name(last, ast.Load())) if found else None
        return "flask" if last in _USUAL_NAMES else None


def _kind_called(name: str) -> str | None:
    return next((kind for names, kind in _KINDS.items() if names.fullmatch(name)), None)


def _plain(annotation: ast.expr | None) -> ast.expr:
    """Return an annotation without quotation marks."""
    if isinstance(annotation, ast.Constant) and isinstance(annotation.value, str):
        return ast.Name(annotation.value, ast.Load())
    return annotation or ast.Constant(None)


def _bindings(node: ast.AST) -> Iterator[tuple[ast.expr, ast.expr]]:
    if isinstance(node, ast.Assign):
        for target in node.targets:
            yield from _pairs(target, node.value)
    elif isinstance(node, ast.AnnAssign | ast.NamedExpr) and node.value:
        yield node.target, node.value
    elif isinstance(node, ast.arg) and node.annotation:
        yield ast.Name(node.arg, ast.Load()), _plain(node.annotation)
    elif isinstance(node, ast.withitem) and node.optional_vars:
        yield node.optional_vars, node.context_expr


def _pairs(target: ast.expr, value: ast.expr) -> Iterator[tuple[ast.expr, ast.expr]]:
    if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple) and len(target.elts) == len(value.elts):
        yield from zip(target.elts, value.elts, strict=True)
    else:
        yield target, value
