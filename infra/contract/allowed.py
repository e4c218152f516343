"""Read from the text of a settings class which values a field takes: a Literal's, or those of a pattern."""

import ast
import re
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Allowed:
    """A test of values, and its words."""

    takes: Callable[[str], bool]
    description: str


def allowed_values(field: ast.AnnAssign, tree: ast.Module) -> Allowed | None:
    """Return what the field takes; None if its text does not tell."""
    test = _literal(field.annotation) or _pattern(field.annotation, tree)
    description = _description(field)
    return Allowed(test, description) if test and description else None


def _literal(annotation: ast.expr) -> Callable[[str], bool] | None:
    """Return the test of `Literal["a", "b"]`, in any case where `BeforeValidator(_lower)` is beside it."""
    for node in ast.walk(annotation):
        if isinstance(node, ast.Subscript) and ast.unparse(node.value) == "Literal":
            values = ast.literal_eval(node.slice)
            names = {values} if isinstance(values, str) else {*values}
            any_case = "_lower" in ast.unparse(annotation)
            return lambda value: (value.lower() if any_case else value) in names
    return None


def _pattern(annotation: ast.expr, tree: ast.Module) -> Callable[[str], bool] | None:
    """Return the test of `_matching(PATTERN)`, or of `_names_matching(PATTERN)` for parts between commas."""
    for node in ast.walk(annotation):
        if isinstance(node, ast.Call) and ast.unparse(node.func) in ("_matching", "_names_matching"):
            pattern = _compiled(ast.unparse(node.args[0]), tree)
            if ast.unparse(node.func) == "_matching":
                return lambda value: bool(pattern.fullmatch(value))
            return lambda value: all(pattern.fullmatch(name.strip()) for name in value.split(","))
    return None


def _compiled(name: str, tree: ast.Module) -> re.Pattern[str]:
    """Return the pattern that the module assigns to this name."""
    (call,) = (
        node.value
        for node in tree.body
        if isinstance(node, ast.Assign)
        and isinstance(node.value, ast.Call)
        and [ast.unparse(target) for target in node.targets] == [name]
    )
    ignore_case = any("IGNORECASE" in ast.unparse(flag) for flag in call.args[1:])
    return re.compile(ast.literal_eval(call.args[0]), re.IGNORECASE if ignore_case else 0)


def _description(field: ast.AnnAssign) -> str | None:
    words = [node for node in ast.walk(field) if isinstance(node, ast.keyword) and node.arg == "description"]
    return str(ast.literal_eval(words[0].value)) if words else None
