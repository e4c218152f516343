"""Hold the figures of an app that decide what it needs: given, measured, or examples."""

import json
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path

from tools.rehearsal.from_environment import CPU_MS, REQUEST_MS

# What `make measure` writes and `make plan` reads.
MEASURED = Path(".local") / "measured.json"


class FiguresError(ValueError):
    """An error in a file of figures: the message says which and what is expected."""


@dataclass(frozen=True, kw_only=True)
class App:
    """The mean of a request, and what comes with it.

    Its time is all that it keeps a thread busy for. Its CPU is that of the whole task: the proxy's, too.
    """

    request_ms: float = REQUEST_MS
    cpu_ms: float = CPU_MS
    answer_bytes: float = 10_000
    log_bytes: float = 450
    requests_per_connection: float = 10
    user_rps: float = 0.1
    out_bytes: float = 0
    where_from: str = "examples, not yours: run `make measure`"


def figures(path: Path, **given: float | None) -> App:
    """Return the figures that are given, else those in the file, else examples. Raises FiguresError."""
    app = read(path) if path.exists() else App()
    chosen = {name: value for name, value in given.items() if value is not None}
    app = replace(app, **chosen) if chosen else app  # type: ignore[arg-type] # all of them are numbers
    if chosen:
        app = replace(app, where_from=f"{', '.join(sorted(chosen))} given; the others {app.where_from}")
    return app


def read(path: Path) -> App:
    """Return the figures of a file that `make measure` wrote. Raises FiguresError."""
    numbers = {each.name for each in fields(App)} - {"where_from"}
    try:
        found = json.loads(path.read_text())
        known = {name: float(found[name]) for name in numbers & found.keys()}
        return App(**known, where_from=str(found["where_from"]))
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        raise FiguresError(f"{path} is not a file of `make measure`: run it again, or delete it") from None


def write(path: Path, app: App) -> None:
    """Write figures for `make plan`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(asdict(app), indent=2) + "\n")
