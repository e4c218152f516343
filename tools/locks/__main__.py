"""Lock the packages of your app together with the kit's; `make lock UPGRADE=1` takes newer ones.

Your own lock (uv.lock, poetry.lock, Pipfile.lock in service/) is taken as it is, and so are the lines of
service/requirements.in. Exit codes: 0 locked; 1 not possible, and every lock is as it was; 2 wrong usage.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from tools import show
from tools.environments import ENVIRONMENTS
from tools.locks import app_locks, environment
from tools.locks.errors import LockError

ROOT = Path(__file__).resolve().parents[2]
SERVICE = ROOT / "service"


def main(argv: Sequence[str] | None = None) -> int:
    """Lock, or install what is locked; every failure is a few lines."""
    parser = argparse.ArgumentParser(
        prog="make lock", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--upgrade", default="", help="1 for all packages, or the name of one", metavar="WHAT"
    )
    parser.add_argument(
        "--install", type=Path, help="install what is locked into this folder", metavar="FOLDER"
    )
    arguments = parser.parse_args(argv)
    try:
        if arguments.install:
            for note in environment.install(SERVICE, arguments.install):
                show.error(note)
            return 0
        return _lock(arguments.upgrade)
    except LockError as error:
        show.error(str(error))
        return 1


def _lock(upgrade: str) -> int:
    traced = [each.name for each in ENVIRONMENTS if each.trace_percent]
    architectures = sorted({each.tasks.architecture for each in ENVIRONMENTS})
    with show.step("Locking the app's packages"):
        made = app_locks.make(SERVICE, architectures=architectures, upgrade=upgrade)
        if made.no_tracing and traced:
            raise LockError(
                f"{', '.join(traced)} cannot trace: OpenTelemetry does not go together with the app's "
                f"packages. Set trace_percent=0 there, or lock other versions.\n{made.no_tracing}"
            )
    for path, text in made.texts.items():
        _write(path, text)
    if made.no_tracing:
        (SERVICE / app_locks.TRACING_LOCK).unlink(missing_ok=True)
        made.notes.append(
            "Requests of this app cannot be traced (trace_percent), since OpenTelemetry does not go together "
            f"with its packages; all else is locked.\n{made.no_tracing}"
        )
    for note in made.notes:
        show.console.print(note, markup=False)
    return 0


def _write(path: Path, text: str) -> None:
    """Write a lock in one step; its date stays where nothing has changed, so that nothing is built again."""
    if path.is_file() and path.read_text() == text:
        return
    part = path.with_suffix(".part")
    part.write_text(text)
    part.replace(path)


if __name__ == "__main__":
    sys.exit(main())
