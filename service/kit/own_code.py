"""Find the code of an app, to see at the start what it will do; only what Python has loaded is read."""

import sys
from collections.abc import Iterator
from importlib.abc import InspectLoader
from types import CodeType, ModuleType
from typing import Any

from flask import Flask


def functions(app: Flask) -> Iterator[tuple[ModuleType, CodeType]]:
    """Yield each function and class of the app, with its module."""
    for module in _modules(app):
        for code in _inside(_code(module)):
            yield module, code


def _modules(app: Flask) -> Iterator[ModuleType]:
    """Yield the loaded modules of the packages that the app's views and hooks come from."""
    stages: list[list[Any]] = [*app.before_request_funcs.values(), *app.after_request_funcs.values()]
    functions = [*app.view_functions.values(), *(hook for hooks in stages for hook in hooks)]
    names = {app.import_name, *(str(getattr(function, "__module__", "")) for function in functions)}
    # Beside the team's app there are the kit and its tests, which are not the app's.
    shared = ("service", "tests")
    packages = {name if name.partition(".")[0] in shared else name.partition(".")[0] for name in names}
    for name, module in list(sys.modules.items()):
        if any(name == package or name.startswith(f"{package}.") for package in packages - {"flask", ""}):
            yield module


def _code(module: ModuleType) -> CodeType | None:
    loader = getattr(module, "__loader__", None)
    try:
        code = loader.get_code(module.__name__) if isinstance(loader, InspectLoader) else None
    except (ImportError, OSError):
        return None
    return code


def _inside(code: CodeType | None) -> Iterator[CodeType]:
    for constant in code.co_consts if code else ():
        if isinstance(constant, CodeType):
            yield constant
            yield from _inside(constant)
