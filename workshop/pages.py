"""Fill the tables of a page of docs/ that commands make, each between two comments."""

import sys
from collections.abc import Mapping
from pathlib import Path


def filled(page: Path, old: str, tables: Mapping[str, str]) -> str:
    """Return a page's text with new tables; exit where the page lacks the comments around one."""
    for name, text in tables.items():
        before, begin, rest = old.partition(f"<!-- {name}: made by make docs -->\n")
        _, end, after = rest.partition(f"<!-- end of {name} -->\n")
        if not begin or not end:
            sys.exit(f"{page.name} lacks the two comments between which its {name} stand")
        old = f"{before}{begin}{text}\n{end}{after}"
    return old
