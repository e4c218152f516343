"""Find the call in a Python file that starts a development server."""

import ast
import re
from collections.abc import Callable, Iterator

from infra.policy.serving_names import Module, ReadFile

_SERVES = {"flask": {"run"}, "dash": {"run", "run_server"}, "command": {"run", "main"}}
_SERVERS = re.compile(
    r"(werkzeug|wsgiref)\..*(run_simple|make_server|WSGIServer)|flask\.cli\.run_command(\.main)?"
)
# Flask-SocketIO serves with Werkzeug only if it is told so.
# https://flask-socketio.readthedocs.io/en/latest/deployment.html
_UNSAFE = "allow_unsafe_werkzeug"
_STARTS_A_PROGRAM = re.compile(r"os\.(system|popen|exec\w+|spawn\w+|posix_spawnp?)|subprocess\.\w+")


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
    module = Module.parse(source, read)
    if module is None:
        return None
    nodes = ast.walk(module.tree) if started else _run_by_an_import(module.tree)
    lines = (_line(node, module, words, is_command) for node in nodes)
    return min((line for line in lines if line), default=None)


def _line(
    node: ast.AST, module: Module, words: tuple[str, ...], is_command: Callable[[list[str]], bool]
) -> int | None:
    if isinstance(node, ast.keyword) and node.arg == _UNSAFE:
        return node.lineno if _may_be_true(node.value) else None
    if isinstance(node, ast.Dict):
        pairs = zip(node.keys, node.values, strict=True)
        return (
            node.lineno
            if any(_is_text(key, _UNSAFE) and _may_be_true(value) for key, value in pairs)
            else None
        )
    if isinstance(node, ast.Call):
        called = module.full_name(node.func)
        if _SERVERS.fullmatch(called):
            return node.lineno
        if _STARTS_A_PROGRAM.fullmatch(called):
            # These take the program once more, as the first of its arguments.
            twice = called.startswith(("os.exec", "os.spawn", "os.posix_spawn"))
            return node.lineno if is_command(_words_in(node)[twice:]) else None
        command = _method_of(node.func, module.kind) if isinstance(node.func, ast.Attribute) else None
        if "command" in (module.kind(node.func), command):
            return node.lineno if _asks_to_serve((*words, *_words_in(node))) else None
        if called == "getattr" and len(node.args) > 1:
            kind = module.kind(node.args[0])
            return (
                node.lineno
                if any(_is_text(node.args[1], name) for name in _SERVES.get(kind or "", ()))
                else None
            )
    if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load):
        return node.lineno if _method_of(node, module.kind) in {"flask", "dash"} else None
    return None


def _method_of(node: ast.Attribute, kind_of: Callable[[ast.expr], str | None]) -> str | None:
    """Return the kind of the object if this is a method of it that serves."""
    kind = kind_of(node.value)
    return kind if node.attr in _SERVES.get(kind or "", ()) else None


def _may_be_true(value: ast.expr) -> bool:
    return not (isinstance(value, ast.Constant) and not value.value)


def _is_text(value: ast.expr | None, text: str) -> bool:
    return isinstance(value, ast.Constant) and value.value == text


def _asks_to_serve(words: tuple[str, ...]) -> bool:
    return any(word in {"run", "runserver"} for word in words)


def _words_in(call: ast.Call) -> list[str]:
    constants = (node.value for node in ast.walk(call) if isinstance(node, ast.Constant))
    return [word for word in constants if isinstance(word, str)]


def _run_by_an_import(node: ast.AST) -> Iterator[ast.AST]:
    """Yield the nodes that an import runs: none of a function, none below `if __name__ == "__main__"`."""
    yield node
    for child in ast.iter_child_nodes(node):
        is_main = isinstance(child, ast.If) and "__main__" in ast.unparse(child.test)
        if not is_main and not isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            yield from _run_by_an_import(child)
