"""Change one thing at a time in pure modules, and name each change that no test notices.

A test that passes whatever the code says proves nothing. modules.toml says which tests judge which module,
and which changes nobody could notice. Exit codes: 0 all noticed, 1 some were not, 2 nothing could be tried.
"""

import argparse
import json
import subprocess
import sys
import time
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from workshop.mutation.trial import Replaced, import_libraries_of, passes

_HERE = Path(__file__).parent
_MAKER = Path(".local/mutation/bin/python")


class MutationError(Exception):
    """A module that cannot be judged."""


def main(argv: Sequence[str] | None = None) -> int:
    """Judge the tests of the modules that are named, by default of all in modules.toml."""
    wanted = tomllib.loads((_HERE / "modules.toml").read_text())
    parser = argparse.ArgumentParser(prog="make mutate", description=__doc__)
    parser.add_argument("modules", nargs="*", help="such as infra/parameters/tasks.py; by default all")
    modules = parser.parse_args(argv).modules or list(wanted["tests"])
    if unknown := [module for module in modules if module not in wanted["tests"]]:
        parser.error(f"modules.toml names no tests for {', '.join(unknown)}: add them there")
    try:
        unnoticed = sum(
            _judge(module, wanted["tests"][module], wanted.get("equivalent", {}).get(module, {}))
            for module in modules
        )
    except MutationError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    return 1 if unnoticed else 0


def _judge(module: str, tests: list[str], equivalent: dict[str, str]) -> int:
    """Print the module's changes that no test notices; return how many."""
    import_libraries_of(tests)
    began = time.monotonic()
    if not passes(tests):
        raise MutationError(f"{module}: its tests fail already, see `pytest {' '.join(tests)}`")
    limit_s = 10 + round(5 * (time.monotonic() - began))  # more is an endless loop
    mutants = _mutants(module)
    unnoticed, left = [], dict(equivalent)
    for mutant in mutants:
        if not passes(tests, Replaced(module, mutant["source"]), limit_s=limit_s):
            continue
        if not left.pop(mutant["after"], None) and mutant["after"] not in equivalent:
            unnoticed.append(mutant)
    for each in unnoticed:
        sys.stdout.write(f"{module}:{each['line']}: {each['before']}\n    may be {each['after']}\n")
    for line in left:
        sys.stdout.write(f"{module}: modules.toml lists a change that is noticed or not made: {line}\n")
    minutes = (time.monotonic() - began) / 60
    sys.stdout.write(f"{module}: {len(mutants)} changes, {len(unnoticed)} unnoticed, {minutes:.1f} min\n")
    sys.stdout.flush()
    if not passes(tests):
        raise MutationError(f"{module}: its tests fail after the trials, so these say nothing")
    return len(unnoticed) + len(left)


def _mutants(module: str) -> list[dict[str, Any]]:
    made = subprocess.run([_MAKER, _HERE / "mutants.py", module], check=True, capture_output=True, text=True)
    return [json.loads(line) for line in made.stdout.splitlines()]


if __name__ == "__main__":
    sys.exit(main())
