"""Keep the tables of docs/http.md as the tests of the proxies have them."""

import argparse
from collections.abc import Iterator
from pathlib import Path

from tests.proxies.requests import PROMISES, SECTIONS
from workshop.pages import filled

PAGE = Path(__file__).resolve().parents[1] / "docs" / "http.md"


def page(old: str) -> str:
    """Return the page with new tables; leave the text around them as it is."""
    return filled(PAGE, old, {"requests": "\n".join(_table()), "promises": "\n".join(_promises())})


def _table() -> Iterator[str]:
    yield "| request | nginx | apache |"
    yield "|---|---|---|"
    for section, kinds in SECTIONS.items():
        yield f"| **{section}** | | |"
        for kind in kinds:
            yield f"| {kind.what} | {kind.nginx} | {kind.apache} |"


def _promises() -> Iterator[str]:
    yield "| promise | nginx | apache |"
    yield "|---|---|---|"
    for each in PROMISES:
        yield f"| {each.what} | {each.nginx} | {each.apache} |"


def main() -> None:
    """Rewrite the tables."""
    argparse.ArgumentParser(prog="make docs", description=__doc__).parse_args()
    PAGE.write_text(page(PAGE.read_text()))


if __name__ == "__main__":
    main()
