"""Put the files of an adoption in their places, all or none, and keep what a team has edited since."""

import hashlib
import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tools.adopt.errors import AdoptError
from tools.adopt.report import Report

RECORD = Path(".adopted.json")
BEFORE = Path(".local", "adopt", "before")
# Rooms whose sample an adoption replaces as a whole; the kit's templates of them stay.
_REPLACED = (Path("service", "app"), Path("tests", "app"))


@dataclass
class Record:
    """Keep what the last adoption wrote: files by hash, keywords of the environments by code."""

    files: dict[str, str] = field(default_factory=dict)
    environments: dict[str, str] = field(default_factory=dict)


def read_record(root: Path) -> Record:
    """Return what the last adoption wrote; an empty record before the first one."""
    path = root / RECORD
    if not path.is_file():
        return Record()
    try:
        return Record(**json.loads(path.read_text()))
    except (ValueError, TypeError):
        raise AdoptError(
            f"{RECORD} is damaged: restore it from git, or delete it to adopt as for the first time"
        ) from None


def write(
    root: Path, content: Mapping[Path, Path | str], record: Record, last: Record, report: Report
) -> int:
    """Write the files, and remove those that only the last adoption wrote; return how many changed.

    Raises AdoptError before anything is written, or after all is as it was.
    """
    with tempfile.TemporaryDirectory(prefix="adopt-", dir=_local(root)) as folder:
        stage = Path(folder)
        changes: dict[Path, Path | None] = {}
        for number, (place, source) in enumerate(content.items()):
            staged = stage / str(number)
            if isinstance(source, Path):
                shutil.copyfile(source, staged)
                staged.chmod(0o755 if os.access(source, os.X_OK) else 0o644)
            else:
                staged.write_text(source)
            record.files[str(place)] = _hash(staged)
            if _is_wanted(root, place, staged, last, report, merged=str(place) == "infra/environments.py"):
                changes[place] = staged
        for place in _no_longer_there(root, content, last, report):
            changes[place] = None
        _refuse_uncommitted(root, changes, last)
        _swap(root, stage, changes, last, report)
    text = json.dumps(vars(record), indent=1, sort_keys=True) + "\n"
    (root / RECORD).write_text(text)
    return len(changes)


def _local(root: Path) -> Path:
    folder = root / ".local" / "adopt"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _hash(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _is_wanted(root: Path, place: Path, staged: Path, last: Record, report: Report, *, merged: bool) -> bool:
    """Return whether a file is to be written: it differs, and no team has edited it since the last time."""
    path, written = root / place, last.files.get(str(place))
    if not path.is_file():
        return True
    now = _hash(path)
    if now == _hash(staged):
        return False
    # The environments are edited, not replaced: what a team wrote there stands in the new text, too.
    if written and now != written and not merged:
        if _hash(staged) != written:
            report.yours(
                str(place),
                "",
                "kept, because you changed it since the last adoption; it has changed there as well: "
                "compare the two",
            )
        return False
    return True


def _no_longer_there(root: Path, content: Mapping[Path, Any], last: Record, report: Report) -> list[Path]:
    """Return the files to remove: the sample's the first time, later those that are gone over there."""
    gone = []
    for name, written in last.files.items():
        path = root / name
        if Path(name) not in content and path.is_file():
            if _hash(path) == written:
                gone.append(Path(name))
            else:
                report.yours(
                    name,
                    "",
                    "gone in their repository, and kept because you changed it: delete it if you do not "
                    "need it",
                )
    if not last.files:
        for room in _REPLACED:
            found = (
                path
                for path in sorted((root / room).rglob("*"))
                if path.is_file() and "__pycache__" not in path.parts
            )
            gone += [
                path.relative_to(root)
                for path in found
                if path.suffix != ".jinja" and path.relative_to(root) not in content
            ]
    return gone


def _refuse_uncommitted(root: Path, changes: Mapping[Path, object], last: Record) -> None:
    """Refuse to touch a file with changes that git does not have yet."""
    words = [
        "git",
        "status",
        "--porcelain",
        "--untracked-files=no",
        "-z",
        "--",
        *(str(place) for place in changes if (root / place).exists()),
    ]
    if not changes or not shutil.which("git"):
        return
    done = subprocess.run(words, cwd=root, capture_output=True, text=True, check=False)  # noqa: S603
    modified = [line[3:] for line in done.stdout.split("\0") if len(line) > 3] if done.returncode == 0 else []
    for name in modified:
        if last.files.get(name) != _hash(root / name) if (root / name).is_file() else True:
            raise AdoptError(
                f"{name} has changes that are not committed, and adopt would replace it: commit or stash "
                "them, then adopt again"
            )


def _swap(root: Path, stage: Path, changes: Mapping[Path, Path | None], last: Record, report: Report) -> None:
    """Move the old files away and the new ones in; on any failure all is put back."""
    moved: list[tuple[Path, Path]] = []
    made: list[Path] = []
    try:
        for place, staged in changes.items():
            path = root / place
            if path.exists() or path.is_symlink():
                kept = stage / "before" / place
                kept.parent.mkdir(parents=True, exist_ok=True)
                path.rename(kept)
                moved.append((kept, path))
            if staged:
                path.parent.mkdir(parents=True, exist_ok=True)
                made.append(path)
                staged.rename(path)
    except OSError as error:
        for path in made:
            path.unlink(missing_ok=True)
        for kept, path in moved:
            kept.rename(path)
        raise AdoptError(
            f"{error.filename} could not be written ({error.strerror}): all files are as they were"
        ) from None
    for place in (*_REPLACED, Path("service", "src")):
        _remove_empty(root / place)
    # What the last adoption wrote is in the other repository; all else is kept.
    foreign = [
        (kept, path) for kept, path in moved if last.files.get(str(path.relative_to(root))) != _hash(kept)
    ]
    if foreign and not last.files:
        shutil.rmtree(root / BEFORE, ignore_errors=True)
        shutil.copytree(stage / "before", root / BEFORE)
        report.otherwise(
            "files of this project",
            f"{len(foreign)} files",
            f"replaced: the sample app, its tests, requirements; they are in {BEFORE}, until you delete it",
        )


def _remove_empty(folder: Path) -> None:
    for path in sorted(folder.rglob("*"), reverse=True):
        if (
            path.is_dir()
            and not path.is_symlink()
            and not any(each.name != "__pycache__" for each in path.iterdir())
        ):
            shutil.rmtree(path)
