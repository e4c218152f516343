"""Record the operator's commands on a local cloud, as a terminal shows them, for docs/operations.md.

It breaks the sample app for a while, so the app's folder must have no change that is not committed.
"""

import argparse
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "operations.md"
BEGIN = "<!-- sessions: made by python -m workshop.sessions_page -->"
END = "<!-- end of sessions -->"
_APP = ROOT / "service" / "app" / "__init__.py"
_ENVIRONMENTS = ROOT / "infra" / "environments.py"
_DANGEROUS = """
ENVIRONMENTS = tuple(
    each.model_copy(update={"tls_to_tasks": True}) if each.name == "dev" else each for each in ENVIRONMENTS
)
"""
_MOST_LINES, _WIDEST = 24, 150


def recorded() -> Iterator[tuple[str, str, str]]:
    """Yield a title, a command and what it printed, in the order in which a person would meet them."""
    with _edited(_APP, "\n\n# The next version.\n"):
        yield "A good deploy", *_made("deploy", "LOCAL=1")
    yield "Well", *_made("status", "LOCAL=1")
    with _edited(_APP, '\n\nraise RuntimeError("broken on purpose")\n'):
        yield "A failed deploy", *_made("deploy", "LOCAL=1")
    yield "Why", *_made("why", "LOCAL=1")
    with _edited(_ENVIRONMENTS, _DANGEROUS):
        yield "A dangerous one", *_made("deploy", "LOCAL=1")
    yield "Releases", *_made("releases", "LOCAL=1")
    yield "Back", *_made("rollback", "LOCAL=1")
    _made("maintenance-on", "LOCAL=1")
    yield "Not well", *_made("status", "LOCAL=1")
    yield "For a program", *_made("status", "LOCAL=1", "JSON=1")
    _made("maintenance-off", "LOCAL=1")


@contextmanager
def _edited(path: Path, more: str) -> Iterator[None]:
    before = path.read_text()
    path.write_text(before + more)
    try:
        yield
    finally:
        path.write_text(before)


def _made(*words: str) -> tuple[str, str]:
    done = subprocess.run(
        ["make", *words],  # noqa: S607 (whichever make the developer has)
        cwd=ROOT,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        stdin=subprocess.DEVNULL,
        text=True,
        check=False,
    )
    return f"make {' '.join(words)}", done.stdout


def shown(told: str) -> str:
    """Return an output as the page has it: without this machine's paths, not too long or wide."""
    lines = [re.sub(r"\s+$", "", line.replace(f"{ROOT}/", "")) for line in told.splitlines()]
    lines = [line for line in lines if not line.startswith("make: ")]
    short = [f"{line[:_WIDEST]} ..." if len(line) > _WIDEST else line for line in lines]
    more = len(short) - _MOST_LINES
    return "\n".join([*short[:_MOST_LINES], *([f"... and {more} lines more"] if more > 0 else [])])


def section(sessions: Iterator[tuple[str, str, str]]) -> str:
    """Return what stands between the markers."""
    parts = [
        f"**{title}**\n\n```console\n$ {command}\n{shown(told)}\n```" for title, command, told in sessions
    ]
    return "\n\n".join(parts)


def main() -> int:
    """Run them, and write them into the page; a local cloud must run (`make up`)."""
    argparse.ArgumentParser(prog="python -m workshop.sessions_page", description=__doc__).parse_args()
    changed = subprocess.run(
        ["git", "status", "--porcelain", "service/app", "infra/environments.py"],  # noqa: S607 (as above)
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    if changed:
        print(f"commit or undo these first:\n{changed}", file=sys.stderr)
        return 1
    made = section(recorded())
    before, _, rest = PAGE.read_text().partition(BEGIN)
    _, _, after = rest.partition(END)
    PAGE.write_text(f"{before}{BEGIN}\n\n{made}\n\n{END}{after}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
