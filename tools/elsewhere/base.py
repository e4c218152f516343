"""Write the manifests that another commit would deploy, to compare with them."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from tools.elsewhere.changes import Change, changes
from tools.elsewhere.errors import ElsewhereError
from tools.elsewhere.images import ROOT
from tools.elsewhere.written import FOLDER

# Of a worker or a job that has left the environment.
_GONE = Change("manifest", "there", None, "LOOK, what it has deployed stays until you delete it")
_Run = subprocess.CompletedProcess[str]


def changed_since(base: str, place: str, environment: str, now: Path) -> dict[str, list[Change] | None]:
    """Return for each file in the folder what has changed since the commit; None where that one had none."""
    with tempfile.TemporaryDirectory(prefix="elsewhere-") as scratch:
        tree = Path(scratch) / "tree"
        made = _run("git", "worktree", "add", "--detach", "--quiet", str(tree), base, cwd=ROOT)
        if made.returncode:
            raise ElsewhereError(f"BASE is '{base}', which git does not know: {made.stderr.strip()}")
        try:
            _run(sys.executable, "-m", "tools.elsewhere", place, environment, cwd=tree)
            then, names = tree / FOLDER, [_names(folder) for folder in (tree / FOLDER, now)]
            compared = {name: _compared(then / name, now / name) for name in names[1]}
            return compared | {name: [_GONE] for name in names[0] if name not in compared}
        finally:
            _run("git", "worktree", "remove", "--force", str(tree), cwd=ROOT)


def _names(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def _compared(before: Path, after: Path) -> list[Change] | None:
    return list(changes(_read(before), _read(after))) if before.exists() else None


def _read(path: Path) -> dict[str, Any]:
    return dict(YAML(typ="safe", pure=True).load(path.read_text()))


def _run(*words: str, cwd: Path) -> _Run:
    environment = {**os.environ, "PYTHONPATH": f"{cwd}/service/src:{cwd}"}
    return subprocess.run(words, cwd=cwd, env=environment, capture_output=True, text=True, check=False)  # noqa: S603
