"""Run tests in a forked process in which one module has another source; no file is changed for it."""

import os
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from importlib.machinery import ModuleSpec, SourceFileLoader
from importlib.util import spec_from_file_location
from pathlib import Path
from types import CodeType, ModuleType

import pytest

# Without the shuffling and the other plugins: no result may depend on chance, and a start must be quick.
_PYTEST = ("-x", "-q", "-p", "no:cacheprovider", "-p", "pytest_socket", "--tb=no", "--show-capture=no")
_PRINTED = (1, 2)
_OURS = ("benchmarks", "infra", "service", "tests", "tools")


class Replaced(SourceFileLoader):
    """An importer that gives one module another source."""

    def __init__(self, path: str, source: str) -> None:
        super().__init__(path.removesuffix(".py").replace("/", "."), path)
        self._source = source

    def find_spec(
        self, name: str, _path: object = None, _target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Find this module and no other."""
        return (
            spec_from_file_location(name, Path(self.path).resolve(), loader=self)
            if name == self.name
            else None
        )

    def get_code(self, fullname: str) -> CodeType:
        """Compile the other source, whatever is cached of the file."""
        return compile(self._source, self.get_filename(fullname), "exec")


def import_libraries_of(tests: Sequence[str]) -> None:
    """Import what the tests import, and forget our own modules again: each trial imports these anew."""
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    with _silent():
        pytest.main([*_PYTEST, "--collect-only", *tests])
    for name in [name for name in sys.modules if name.partition(".")[0] in _OURS]:
        del sys.modules[name]


def passes(tests: Sequence[str], replaced: Replaced | None = None, *, limit_s: int = 600) -> bool:
    """Return whether the tests pass; tests that take longer than the limit do not."""
    child = os.fork()
    if not child:
        signal.alarm(limit_s)  # ends the process
        if replaced:
            sys.meta_path.insert(0, replaced)
        code = 1
        with suppress(BaseException), _silent():
            code = int(pytest.main([*_PYTEST, *tests]))
        os._exit(code)
    _, status = os.waitpid(child, 0)
    return status == 0


@contextmanager
def _silent() -> Iterator[None]:
    """Discard all output of this process, and of Node, which may start meanwhile."""
    kept = [os.dup(stream) for stream in _PRINTED]
    nothing = os.open(os.devnull, os.O_WRONLY)
    for stream in _PRINTED:
        os.dup2(nothing, stream)
    try:
        yield
    finally:
        for stream, copy in zip(_PRINTED, kept, strict=True):
            os.dup2(copy, stream)
            os.close(copy)
        os.close(nothing)
