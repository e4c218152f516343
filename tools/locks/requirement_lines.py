"""Read a requirements file as pip does: includes, constraints, options, hashes, and the project itself."""

import re
from collections.abc import Iterator
from pathlib import Path

from tools.locks.errors import LockError
from tools.locks.wanted import Pin, Wanted, name_of

_COMMENT = re.compile(r"(^|\s)#.*$")
_INCLUDE = re.compile(r"(-r|--requirement|-c|--constraint)(?:[\s=]+|(?<=-[rc]))(.+)")
_EDITABLE = re.compile(r"(?:-e|--editable)[\s=]+(.+)")
_HASH = re.compile(r"\s+--hash[\s=]+(\S+)")
_PINNED = re.compile(r"([A-Za-z0-9._-]+)\s*(?:\[[^]]*])?\s*={2,3}\s*([^\s;,*]+)\s*(?:;\s*(.+))?")
_VERSION_CONTROL = re.compile(r"(^|@\s*)(git|hg|svn|bzr)\+")
_ITSELF = re.compile(r"\.(?:\[([^]]*)])?(?:\s*;.*)?")


def read(path: Path, wanted: Wanted) -> list[Path]:
    """Add what a requirements file asks for to `wanted`; return the files that were read."""
    files: list[Path] = []
    _read(path, path.parent, wanted, files, wanted.requirements)
    return files


def parse(text: str, wanted: Wanted) -> None:
    """Add the lines of a requirements file that includes no other."""
    for line in _lines(text):
        add(line, wanted, wanted.requirements)


def add(line: str, wanted: Wanted, to: list[str]) -> None:
    """Add one requirement; raise LockError where it is one that no hash can check."""
    hashes = tuple(_HASH.findall(line))
    requirement = _HASH.sub("", line).strip()
    editable = _EDITABLE.fullmatch(requirement)
    requirement = editable[1] if editable else requirement
    if _VERSION_CONTROL.search(requirement):
        raise LockError(
            f"{wanted.source} takes '{requirement}' from version control, where no hash can check it. Take an "
            "archive instead (NAME @ https://github.com/OWNER/NAME/archive/COMMIT.tar.gz), a release from an "
            "index, or put the package into service/src."
        )
    if itself := _ITSELF.fullmatch(requirement):
        wanted.extras += [each.strip() for each in (itself[1] or "").split(",") if each.strip()]
        return
    if editable or requirement.startswith((".", "/", "file:")) or "@ file:" in requirement:
        wanted.notes.append(
            f"{wanted.source}: '{requirement}' is a folder of this machine and left out: the image has what is in "
            "service/src, so put the package there, and its own requirements into service/requirements.in."
        )
        return
    to.append(requirement)
    if to is wanted.requirements and (pinned := _PINNED.fullmatch(requirement)):
        wanted.pins.append(Pin(name_of(pinned[1]), pinned[2], (pinned[3] or "").strip(), hashes))


def _read(path: Path, base: Path, wanted: Wanted, files: list[Path], to: list[str]) -> None:
    if path in files:
        return
    try:
        text = path.read_text()
    except (OSError, UnicodeDecodeError) as error:
        raise LockError(
            f"{wanted.source} needs {path.name}, which cannot be read ({error}). Put it beside {wanted.source}, "
            "under the path that is named there."
        ) from None
    files.append(path)
    for line in _lines(text):
        if included := _INCLUDE.fullmatch(line):
            constrains = included[1] in {"-c", "--constraint"}
            inner = (path.parent / included[2].strip()).resolve()
            _read(inner, base, wanted, files, wanted.constraints if constrains else to)
        else:
            add(line, wanted, to)


def _lines(text: str) -> Iterator[str]:
    """Yield the logical lines: joined at a backslash, without comments."""
    for line in re.sub(r"\\\r?\n", " ", text).splitlines():
        if stripped := _COMMENT.sub("", line).strip():
            yield stripped
