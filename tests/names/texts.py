"""The texts that people read: pages, what `make why` says, what `make` and `--help` print."""

import contextlib
import importlib
import io
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple
from unittest.mock import patch

from tools.causes import CAUSES

ROOT = Path(__file__).resolve().parents[2]
# Their tables name what templates have, and what other systems have; tests of their own hold them.
_TABLES_HELD_ELSEWHERE = {"security.md", "features.md"}


class Text(NamedTuple):
    """A text, what to call it in a message, and the folder that its links start from."""

    name: str
    words: str
    folder: Path = ROOT


def pages() -> list[Text]:
    """Return every Markdown page of the repository and of docs/, without the parts that commands make."""
    found = [*ROOT.glob("*.md"), *ROOT.glob("*.md.jinja"), *ROOT.glob("docs/*.md"), *ROOT.glob("docs/*/*.md")]
    return [
        Text(str(path.relative_to(ROOT)), _by_hand(path.name, path.read_text()), path.parent)
        for path in sorted(found)
        # A changelog names what is gone, and a decision what it replaced.
        if path.name != "CHANGELOG.md" and path.parent.name != "decisions"
    ]


def _by_hand(name: str, words: str) -> str:
    words = re.sub(r"<!-- (.*?): made by make docs -->.*?<!-- end of \1 -->", "", words, flags=re.DOTALL)
    if name in _TABLES_HELD_ELSEWHERE:
        words = "\n".join(line for line in words.splitlines() if not line.startswith("|"))
    return words


def recipes() -> list[Text]:
    """Return the first docstring of each recipe, which says how it is called."""
    return [
        Text(str(path.relative_to(ROOT)), path.read_text().split('"""')[1], path.parent)
        for path in sorted(ROOT.glob("docs/recipes/*.py"))
    ]


def causes() -> list[Text]:
    """Return what `make why` says of each cause it knows."""
    return [Text(f"the cause {each.name} of make why", f"{each.cause}\n{each.fix}") for each in CAUSES]


def makefiles() -> list[Path]:
    """Return the Makefile and the files that it includes."""
    return [
        ROOT / "Makefile",
        *sorted(ROOT.glob("tools/*/*.mk")),
        *sorted(ROOT.glob("workshop/*.mk")),
        *ROOT.glob("tests/*.mk"),
    ]


def helps() -> list[Text]:
    """Return what `make` prints of each target, and the --help of each command that a target calls."""
    lines = "".join(path.read_text() for path in makefiles())
    targets = Text("make help", "\n".join(re.findall(r"^[a-z-]+:.*## (.*)", lines, re.MULTILINE)))
    commands = sorted(set(re.findall(r"python -m (tools[\w.]*)", lines)))
    return [targets, *(text for command in commands for text in _helps_of(command))]


def _helps_of(command: str) -> Iterator[Text]:
    first = _help(command)
    yield first
    for subcommand in next(iter(re.findall(r"\{([a-z,-]+)\}", first.words)), "").split(","):
        if subcommand:
            yield _help(command, subcommand)


def _help(command: str, *subcommand: str) -> Text:
    said = io.StringIO()
    name = f"{command}.__main__" if ROOT.joinpath(*command.split(".")).is_dir() else command
    with (
        patch.object(sys, "argv", [command, *subcommand, "--help"]),
        contextlib.redirect_stdout(said),
        contextlib.suppress(SystemExit),
    ):
        importlib.import_module(name).main()
    return Text(" ".join(["python -m", command, *subcommand, "--help"]), said.getvalue())
