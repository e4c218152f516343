"""Synthesise a commit once, and keep the result in a cache by the commit's content."""

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tools.assembly import Properties, Template
from tools.review import one_side
from tools.review.commits import Repository, Side
from tools.review.errors import ReviewError, SynthesisError
from tools.review.packages import Packages

ONE_SIDE = Path(one_side.__file__)
# A synth gets these variables only: no credentials, no AWS variable, no token of a CI system.
_PASSED_ON = (
    "PATH",
    "HOME",
    "TMPDIR",
    "LANG",
    "SYSTEMROOT",
    "CDK_VALIDATION",
    "JSII_RUNTIME_PACKAGE_CACHE_ROOT",
)
_KEPT = 20
_DAY_S = 86400
_CAUSES_SHOWN = 3


@dataclass(frozen=True, kw_only=True)
class Synthesis:
    """A commit's templates by environment, with what the CDK CLI reads beside them and what rules found.

    A stack of no environment, such as that of a pipeline, has its own name as the key.
    """

    folder: Path | None = None
    templates: dict[str, Template] = field(default_factory=dict)
    artifacts: dict[str, Properties] = field(default_factory=dict)
    stack_ids: dict[str, str] = field(default_factory=dict)
    parameters: dict[str, Any] | None = None
    validation: list[Properties] = field(default_factory=list)


def synthesised(repository: Repository, side: Side, *, cache: Path, packages: Packages) -> Synthesis:
    """Return the synth of a side, from the cache if possible; raise SynthesisError if it fails."""
    rules = os.environ.get("CDK_VALIDATION", "true")
    key = hashlib.sha256(f"{side.tree} {packages.lock} {rules} {ONE_SIDE.read_text()}".encode()).hexdigest()[
        :12
    ]
    kept = cache / f"{side.tree[:12]}-{key}"
    if not kept.exists():
        _make(repository, side, kept, packages.python)
    os.utime(kept)
    return _read(kept)


def _make(repository: Repository, side: Side, kept: Path, python: Path) -> None:
    kept.parent.mkdir(parents=True, exist_ok=True)
    _tidy(kept.parent)
    with tempfile.TemporaryDirectory(dir=kept.parent, prefix=".part-", ignore_cleanup_errors=True) as folder:
        made = Path(folder, "synth")
        made.mkdir()
        with repository.checkout(side, Path(folder)) as checkout:
            _synthesise(side, checkout, made, python)
        # If the files change during the synth, the result must not be kept for the new files.
        if side.commit is None and repository.working_tree() != side.tree:
            raise ReviewError("the working tree changed while it was synthesised: try again")
        try:
            made.rename(kept)
        except OSError:
            if not kept.exists():  # else another review has made the same synth meanwhile
                raise


def _synthesise(side: Side, checkout: Path, made: Path, python: Path) -> None:
    if not (checkout / "app.py").is_file():
        raise SynthesisError(f"{side.name} has no app.py: it is from before there was anything to synthesise")
    passed_on = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    path = f"{python.parent}{os.pathsep}{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    run = subprocess.run(
        [python, ONE_SIDE, made / "cdk.out"],
        cwd=checkout,
        env={
            **passed_on,
            "PATH": path,
            "CDK_OUTDIR": str(made / "cdk.out"),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    if run.returncode != 0:
        lines = [line for line in run.stderr.splitlines() if line.strip()]
        # Show the last line of a traceback, or the lines in which the synth itself explains mistakes.
        cause = lines[-1:] if any(line.startswith("Traceback") for line in lines) else lines[-_CAUSES_SHOWN:]
        raise SynthesisError(f"{side.name} does not synthesise: {'; '.join(cause).strip()}")


def _tidy(cache: Path) -> None:
    """Forget what was used longest ago, and what a killed review left."""
    by_age = sorted(cache.iterdir(), key=lambda each: each.stat().st_mtime)
    kept = [each for each in by_age if re.fullmatch(r"[0-9a-f]{12}-[0-9a-f]{12}", each.name)]
    left = [
        each
        for each in by_age
        if each.name.startswith(".part-") and each.stat().st_mtime < time.time() - _DAY_S
    ]
    for old in (*kept[:-_KEPT], *left):
        shutil.rmtree(old, ignore_errors=True)


def _read(kept: Path) -> Synthesis:
    cdk_out = kept / "cdk.out"
    report = cdk_out / "validation-report.json"
    manifest = json.loads((cdk_out / "manifest.json").read_text())["artifacts"]
    stacks = {
        id.removeprefix("Web-"): id
        for id, artifact in manifest.items()
        if artifact["type"] == "aws:cloudformation:stack"
    }
    return Synthesis(
        folder=cdk_out,
        templates={
            name: json.loads((cdk_out / manifest[id]["properties"]["templateFile"]).read_text())
            for name, id in stacks.items()
        },
        artifacts={name: manifest[id] for name, id in stacks.items()},
        stack_ids=stacks,
        parameters=json.loads((kept / one_side.PARAMETERS).read_text()),
        validation=json.loads(report.read_text())["pluginReports"] if report.exists() else [],
    )
