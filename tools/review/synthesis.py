"""Synthesise a commit once, as the CDK CLI does, and keep the result in a cache by the commit's content."""

import hashlib
import json
import os
import re
import shutil
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tools.assembly import Properties, Template
from tools.review import one_side, sandbox
from tools.review.assemblies import Stack, assets, stacks
from tools.review.commits import Repository, Side
from tools.review.errors import SynthesisError
from tools.review.packages import Packages

_HERE = Path(__file__).parent
# A change of these makes another synth of the same commit.
_MADE_BY = (Path(one_side.__file__), Path(sandbox.__file__), _HERE / "sandbox.sh", Path(__file__))
_PARAMETERS, _ELSEWHERE = "parameters.json", "elsewhere.json"
_CDK_OUT = "cdk.out"
# What the CLI of package.json gives to an app, except that nobody is logged in:
# https://docs.aws.amazon.com/cdk/v2/guide/environments.html
_CLI = {"CDK_CLI_ASM_VERSION": "55.0.0", "CDK_CLI_VERSION": "2.1148.1", "PYTHONIOENCODING": "utf-8"}
_CLI_CONTEXT = {
    "aws:cdk:enable-path-metadata": True,
    "aws:cdk:enable-asset-metadata": True,
    "aws:cdk:bundling-stacks": ["**"],
    "@aws-cdk/core:failSynthOnValidationErrors": False,
}
_KEPT = 12
_DAY_S = 86400
_CAUSES_SHOWN = 3


@dataclass(frozen=True, kw_only=True)
class Synthesis:
    """A commit's templates by environment, with what the CDK CLI reads beside them and what rules found.

    A stack of no environment, such as that of a pipeline, has its own name as the key.
    `settings` is cdk.json, `elsewhere` what is written for places beside AWS.
    """

    folder: Path | None = None
    templates: dict[str, Template] = field(default_factory=dict)
    artifacts: dict[str, Properties] = field(default_factory=dict)
    paths: dict[str, str] = field(default_factory=dict)
    assets: set[str] = field(default_factory=set)
    parameters: dict[str, Any] | None = None
    validation: list[Properties] = field(default_factory=list)
    settings: dict[str, Any] = field(default_factory=dict)
    elsewhere: dict[str, Any] | None = None


def synthesised(repository: Repository, side: Side, *, cache: Path, packages: Packages) -> Synthesis:
    """Return the synth of a side, from the cache if possible; raise SynthesisError if it fails."""
    rules = os.environ.get("CDK_VALIDATION", "true")
    made_by = "".join(each.read_text() for each in _MADE_BY)
    text = f"{side.tree} {packages.lock} {rules} {sandbox.isolation()} {made_by}"
    key = hashlib.sha256(text.encode()).hexdigest()[:12]
    kept = cache / f"{side.tree[:12]}-{key}"
    if not kept.exists():
        return _make(repository, side, kept, packages.python)
    os.utime(kept)
    return _read(side, kept)


def _make(repository: Repository, side: Side, kept: Path, python: Path) -> Synthesis:
    kept.parent.mkdir(parents=True, exist_ok=True)
    _tidy(kept.parent)
    with tempfile.TemporaryDirectory(dir=kept.parent, prefix=".part-", ignore_cleanup_errors=True) as folder:
        files, made = Path(folder, "files"), Path(folder, "synth")
        for each in (files, made):
            each.mkdir()
        repository.checkout(side, files)
        _synthesise(side, files, made, python)
        _read(side, made)  # what cannot be read is not kept
        try:
            made.rename(kept)
        except OSError:
            if not kept.exists():  # else another review has made the same synth meanwhile
                raise
    return _read(side, kept)


def _synthesise(side: Side, files: Path, made: Path, python: Path) -> None:
    """Run the app of cdk.json as the CLI does, and beside it what reads the parameters."""
    settings = _settings(files)
    app = settings.get("app")
    if not isinstance(app, str):
        raise SynthesisError(f"{side.name} has no cdk.json that names an app: there is nothing to synthesise")
    _refuse_links(side, files)
    if not (files / ".venv").exists():
        (files / ".venv").symlink_to(python.parent.parent)
    path = [str(python.parent), str(Path(sys.executable).parent), os.environ.get("PATH", "")]
    environment = {
        "PATH": os.pathsep.join(path),
        "LANG": "C.UTF-8",
    }
    if "CDK_VALIDATION" in os.environ:
        environment["CDK_VALIDATION"] = os.environ["CDK_VALIDATION"]
    cli = {
        **environment,
        **_CLI,
        "CDK_OUTDIR": str(sandbox.place(files) / _CDK_OUT),
        "CDK_CONTEXT_JSON": json.dumps(_context(files, settings)),
    }
    shown = [python.parent.parent, Path(sys.prefix)]
    copy = made.with_name("parameters")
    shutil.copytree(files, copy, symlinks=True)
    with ThreadPoolExecutor(1) as pool:
        # It is another process with other files, so that the app sees nothing of it.
        told = pool.submit(_told, copy, python, shown, environment)
        try:
            ended = sandbox.run(["sh", "-c", app], folder=files, shown=shown, environment=cli)
        except SynthesisError as error:
            raise SynthesisError(f"{side.name} {error}") from None
        for name, text in told.result().items():
            (made / name).write_text(text)
    cdk_out = files / _CDK_OUT
    if ended.code != 0 or not (cdk_out / "manifest.json").is_file():
        raise SynthesisError(f"{side.name} does not synthesise: {_cause(ended.stderr)}")
    _refuse_links(side, cdk_out)
    cdk_out.rename(made / _CDK_OUT)
    (made / "cdk.json").write_text(json.dumps(settings))


def _cause(stderr: str) -> str:
    lines = [line for line in stderr.splitlines() if line.strip()]
    # Show the last line of a traceback, or the lines in which the synth itself explains mistakes.
    cause = lines[-1:] if any(line.startswith("Traceback") for line in lines) else lines[-_CAUSES_SHOWN:]
    return "; ".join(cause).strip() or "it wrote no cdk.out and did not say why"


def _told(files: Path, python: Path, shown: list[Path], environment: dict[str, str]) -> dict[str, str]:
    """Return the parameters of a side as JSON, and its manifests; a side that does not tell them has none."""
    code, names = Path(one_side.__file__).read_text(), (_PARAMETERS, _ELSEWHERE)
    sandbox.run([str(python), "-c", code, *names], folder=files, shown=shown, environment=environment)
    told = {name: files / name for name in names}
    return {
        name: path.read_text(errors="replace") if path.is_file() and not path.is_symlink() else "null"
        for name, path in told.items()
    }


def _settings(files: Path) -> dict[str, Any]:
    found = _json(files / "cdk.json")
    return found if isinstance(found, dict) else {}


def _context(files: Path, settings: dict[str, Any]) -> dict[str, Any]:
    looked_up = _json(files / "cdk.context.json")
    own = settings.get("context")
    reports = settings.get("versionReporting", True)
    return {
        **(looked_up if isinstance(looked_up, dict) else {}),
        **(own if isinstance(own, dict) else {}),
        **_CLI_CONTEXT,
        "aws:cdk:version-reporting" if reports else "aws:cdk:disable-version-reporting": True,
    }


def _json(path: Path) -> Any:
    if not path.is_file() or path.is_symlink():
        return None
    try:
        return json.loads(path.read_text(errors="replace"))
    except ValueError as error:
        raise SynthesisError(f"{path.name} cannot be read: {error}") from None


def _refuse_links(side: Side, folder: Path) -> None:
    """Refuse links that lead out of a folder: what is behind them would be read, and perhaps shown."""
    root = folder.resolve()
    for place, folders, names in os.walk(folder):
        for name in (*folders, *names):
            path = Path(place, name)
            if path.is_symlink() and root not in path.resolve().parents:
                raise SynthesisError(
                    f"{side.name} is refused: the link {path.relative_to(folder)} leads out of the "
                    f"repository, to {path.readlink()}"
                )


def _tidy(cache: Path) -> None:
    """Forget what was used longest ago, and what a killed review left."""
    by_age = sorted(cache.iterdir(), key=lambda each: each.stat().st_mtime)
    kept = [each for each in by_age if re.fullmatch(r"[0-9a-f]{12}-[0-9a-f]{12}", each.name)]
    yesterday = time.time() - _DAY_S
    left = [each for each in by_age if each.name.startswith(".part-") and each.stat().st_mtime < yesterday]
    # Packages take hundreds of megabytes, and are needed as long as a change of the lock is worked on.
    packages = [each for each in cache.glob("packages/*") if each.stat().st_mtime < yesterday]
    linted = [each for each in by_age if each.name.startswith("cfn-lint-")]
    for old in (*kept[:-_KEPT], *left, *packages, *linted[:-1]):
        shutil.rmtree(old, ignore_errors=True)


def _reports(written: Any) -> list[Properties]:
    """Return what rules found; raise TypeError or KeyError for what is no such report."""
    reports: list[Properties] = written["pluginReports"]
    for report in reports:
        for kind in ("violations", "suppressedViolations"):
            for each in report.get(kind, []):
                told = (each["ruleName"], each["description"], each.get("reason", ""))
                if not all(isinstance(text, str) for text in told):
                    raise TypeError("a finding is not told in words")
                for place in each.get("violatingConstructs", []):
                    place.get("cloudFormationResource", {}).get("templatePath")
    return reports


def _read(side: Side, kept: Path) -> Synthesis:
    cdk_out = kept / _CDK_OUT
    report = cdk_out / "validation-report.json"
    try:
        found: list[Stack] = stacks(cdk_out)
        validation = _reports(json.loads(report.read_text())) if report.is_file() else []
        parameters, elsewhere = (json.loads((kept / name).read_text()) for name in (_PARAMETERS, _ELSEWHERE))
        kinds = assets(cdk_out)
    except (SynthesisError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise SynthesisError(f"{side.name} {error}") from error
    return Synthesis(
        folder=cdk_out,
        templates={each.name: each.template for each in found},
        artifacts={each.name: each.artifact for each in found},
        paths={each.name: each.path for each in found},
        assets=kinds,
        parameters=parameters if isinstance(parameters, dict) else None,
        validation=validation,
        settings=json.loads((kept / "cdk.json").read_text()),
        elsewhere=elsewhere if isinstance(elsewhere, dict) else None,
    )
