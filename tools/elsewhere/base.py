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
from tools.environments import find

# Of a worker or a job that has left the environment.
_GONE = Change("manifest", "there", None, "LOOK, what it has deployed stays until you delete it")
_Run = subprocess.CompletedProcess[str]


def changed_since(base: str, place: str, environment: str) -> dict[str, list[Change] | None]:
    """Return for each manifest in FOLDER what has changed since the commit; None where that one had none."""
    with tempfile.TemporaryDirectory(prefix="elsewhere-") as scratch:
        tree = Path(scratch) / "tree"
        made = _run("git", "worktree", "add", "--detach", "--quiet", str(tree), base, cwd=ROOT)
        if made.returncode:
            raise ElsewhereError(f"BASE is '{base}', which git does not know: {made.stderr.strip()}")
        try:
            _run(sys.executable, "-m", "tools.elsewhere", place, environment, cwd=tree)
            now = {path.name: path for path in _written(environment)}
            gone = sorted(path.name for path in (tree / FOLDER).glob("*") if path.name not in now)
            compared = {name: _compared(tree / FOLDER / name, path) for name, path in now.items()}
            return compared | {name: [_GONE] for name in gone}
        finally:
            _run("git", "worktree", "remove", "--force", str(tree), cwd=ROOT)


def _written(environment: str) -> list[Path]:
    return sorted(path for path in FOLDER.glob(f"web-{environment}*") if path.stem in _names(environment))


def _names(environment: str) -> set[str]:
    known = find(environment)
    work = [each.name for each in (*known.workers, *known.jobs)]
    return {f"web-{environment}", *(f"web-{environment}-{name}" for name in ("release", *work))}


def _compared(before: Path, after: Path) -> list[Change] | None:
    return list(changes(_read(before), _read(after))) if before.exists() else None


def _read(path: Path) -> dict[str, Any]:
    return dict(YAML(typ="safe", pure=True).load(path.read_text()))


def _run(*words: str, cwd: Path) -> _Run:
    environment = {**os.environ, "PYTHONPATH": f"{cwd}/service/src:{cwd}"}
    return subprocess.run(words, cwd=cwd, env=environment, capture_output=True, text=True, check=False)  # noqa: S603
