"""Show a person steps with times, tables and errors, with colour only on a terminal."""

import contextlib
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table

# A pipe has no width: use a large one, so that no id or path is cut.
console = Console(highlight=False, emoji=False, soft_wrap=True, width=None if sys.stdout.isatty() else 200)
_errors = Console(stderr=True, highlight=False, emoji=False, soft_wrap=True)


@dataclass
class Step:
    """A step under way; set `ok` to False where it fails without an exception."""

    ok: bool = True


@contextlib.contextmanager
def step(title: str, *, spin: bool = True) -> Iterator[Step]:
    """Show that a step runs, then whether it succeeded and how long it took.

    There is no spinner where the step itself writes.
    """
    began, under_way = time.monotonic(), Step()
    try:
        with contextlib.ExitStack() as stack:
            if console.is_terminal and spin:
                stack.enter_context(console.status(title))
            else:
                console.print(f"[dim]…[/] {title}")
            yield under_way
    except BaseException:
        under_way.ok = False
        raise
    finally:
        sign = "[green]✓[/]" if under_way.ok else "[red]✗[/]"
        console.print(f"{sign} {title} [dim]{time.monotonic() - began:.1f} s[/]")


@contextlib.contextmanager
def on_standard_error() -> Iterator[None]:
    """Let standard output to a program: show a person everything on standard error meanwhile."""
    console.stderr = True
    try:
        yield
    finally:
        console.stderr = False


def table(title: str, columns: list[str], rows: list[list[str]]) -> None:
    """Print a table; nothing but its title when it is empty."""
    if not rows:
        console.print(f"[bold]{title}[/]")
        return
    shown = Table(title=title, title_justify="left", title_style="bold")
    for column in columns:
        shown.add_column(column, overflow="fold")
    for row in rows:
        shown.add_row(*row)
    console.print(shown, soft_wrap=False)


def error(message: str) -> None:
    """Say on standard error what is wrong."""
    _errors.print("[red]✗[/] ", end="")
    _errors.print(message, markup=False)
