"""Keep the README's table of parameters as Environment has them."""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

from infra.environment import Environment
from infra.parameters import Parameters

README = Path(__file__).resolve().parent.parent / "README.md"
BEGIN, END = "<!-- parameters: made by `make docs` -->\n", "<!-- end of parameters -->"


def table() -> str:
    """All parameters of an Environment as a Markdown table."""
    rows = [f"| `{name}` | {default} | {meaning} |" for name, default, meaning in _rows(Environment, "")]
    return "\n".join(["| parameter | default | meaning |", "|---|---|---|", *rows]) + "\n"


def _rows(model: type[Parameters], prefix: str) -> Iterator[tuple[str, str, str]]:
    for name, field in model.model_fields.items():
        parts = [each for each in (field.annotation, *get_args(field.annotation)) if _is_part(each)]
        if parts:
            yield from _rows(parts[0], f"{prefix}{name}.")
        else:
            default = "required" if field.is_required() else field.get_default(call_default_factory=True)
            yield f"{prefix}{name}", _plain(default), _choices(field.annotation) + (field.description or "")


def _is_part(annotation: Any) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, Parameters)


def _choices(annotation: Any) -> str:
    words = [each for each in get_args(annotation) if isinstance(each, str)]
    return f"{', '.join(words)}: " if words else ""


def _plain(value: Any) -> str:
    if isinstance(value, tuple):
        return ", ".join(value)
    return "-" if value is None or value == {} else str(value)


def updated(readme: str) -> str:
    """The README with a current table."""
    before, rest = readme.split(BEGIN)
    return before + BEGIN + table() + END + rest.split(END)[1]


def main() -> None:
    """Rewrite the README's table; with --check, exit with 1 if it is not current."""
    parser = argparse.ArgumentParser(prog="make docs", description=__doc__)
    parser.add_argument("--check", action="store_true", help="change nothing, fail if the table is old")
    check = parser.parse_args().check
    readme = README.read_text()
    if readme == updated(readme):
        return
    if check:
        sys.exit("README.md: the table of parameters is not current; run `make docs`")
    README.write_text(updated(readme))


if __name__ == "__main__":
    main()
