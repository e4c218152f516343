"""Change one thing at a time in pure modules, and name each change that no test notices.

A test that passes whatever the code says proves nothing. modules.toml says which tests judge which module,
and which changes nobody could notice. Exit codes: 0 all noticed, 1 some were not, 2 nothing could be tried.
"""

import argparse
import json
import os
import subprocess
import sys
import time
import tomllib
from collections.abc import Iterator, Sequence
from contextlib import redirect_stderr
from pathlib import Path
from typing import Any

from workshop.mutation.trial import Replaced, import_libraries_of, passes

Mutant = dict[str, Any]
_HERE = Path(__file__).parent
_MAKER = Path(".local/mutation/bin/python")


class MutationError(Exception):
    """A module that cannot be judged."""


def modules() -> dict[str, Any]:
    """Return what modules.toml says: the tests of each module, and changes that nobody could notice."""
    return tomllib.loads((_HERE / "modules.toml").read_text())


def main(argv: Sequence[str] | None = None) -> int:
    """Judge the tests of the modules that are named, by default of all in modules.toml."""
    wanted = modules()
    parser = argparse.ArgumentParser(prog="make mutate", description=__doc__)
    parser.add_argument("modules", nargs="*", help="such as infra/parameters/tasks.py; by default all")
    chosen = parser.parse_args(argv).modules or list(wanted["tests"])
    if unknown := [module for module in chosen if module not in wanted["tests"]]:
        parser.error(f"modules.toml names no tests for {', '.join(unknown)}: add them there")
    try:
        unnoticed = sum(
            _judge(module, wanted["tests"][module], wanted["equivalent"].get(module, {})) for module in chosen
        )
    except MutationError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    return 1 if unnoticed else 0


def _judge(module: str, tests: list[str], equivalent: dict[str, str]) -> int:
    """Print the module's changes that no test notices; return how many."""
    began = time.monotonic()
    # The CDK's process, which all trials share, says its warnings here.
    with Path(os.devnull).open("w") as nothing, redirect_stderr(nothing):
        import_libraries_of(tests)
        started = time.monotonic()
        if not passes(tests):
            raise MutationError(f"{module}: its tests fail already, see `pytest {' '.join(tests)}`")
        limit_s = 10 + round(5 * (time.monotonic() - started))  # more is an endless loop
        mutants = _mutants(module)
        unnoticed = [
            mutant
            for mutant in _shown(module, mutants)
            if passes(tests, Replaced(module, mutant["source"]), limit_s=limit_s)
        ]
        if not passes(tests):
            raise MutationError(f"{module}: its tests fail after the trials, so these say nothing")
    found = [each for each in unnoticed if each["after"] not in equivalent]
    for each in found:
        sys.stdout.write(f"{module}:{each['line']}: {each['before']}\n    may be {each['after']}\n")
    noticed = equivalent.keys() - {each["after"] for each in unnoticed}
    for line in sorted(noticed):
        sys.stdout.write(f"{module}: modules.toml lists a change that is noticed, or not made: {line}\n")
    minutes = (time.monotonic() - began) / 60
    sys.stdout.write(f"{module}: {len(mutants)} changes, {len(found)} unnoticed, {minutes:.1f} min\n")
    sys.stdout.flush()
    return len(found) + len(noticed)


def _shown(module: str, mutants: list[Mutant]) -> Iterator[Mutant]:
    """Count the trials on a terminal."""
    terminal = sys.__stderr__
    for number, mutant in enumerate(mutants, start=1):
        if terminal and terminal.isatty():
            terminal.write(f"\r\x1b[K{module}: {number} of {len(mutants)}")
        yield mutant
    if terminal and terminal.isatty():
        terminal.write("\r\x1b[K")


def _mutants(module: str) -> list[Mutant]:
    made = subprocess.run([_MAKER, _HERE / "mutants.py", module], check=True, capture_output=True, text=True)
    return [json.loads(line) for line in made.stdout.splitlines()]


if __name__ == "__main__":
    sys.exit(main())
