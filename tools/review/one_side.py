"""Write the parameters of a checkout's environments to one file, and what it writes beside AWS to another.

The process has the checkout's own packages, which may be older, so this file imports nothing of tools.
"""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

# Where `make google` and `make azure` write.
_FOLDER = Path("cdk.out", "elsewhere")


def plain(value: Any) -> Any:
    """Return typed parameters as JSON, with the class's name where a field takes several."""
    if hasattr(type(value), "model_fields"):
        fields = {name: plain(getattr(value, name)) for name in type(value).model_fields}
        return {"": type(value).__name__, **fields}
    if isinstance(value, dict):
        return {str(key): plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(each) for each in value]
    return value if isinstance(value, str | int | float | bool | None) else str(value)


def environments() -> dict[str, Any] | None:
    """Return every environment's parameters by name; None if this commit describes them in another way."""
    try:
        from infra.environments import ENVIRONMENTS  # noqa: PLC0415 # of the checkout, once it is known

        return {environment.name: plain(environment) for environment in ENVIRONMENTS}
    except (ImportError, AttributeError):
        return None


def elsewhere() -> dict[str, dict[str, Any]]:
    """Return what is written for each environment in each place beside AWS, or why it is refused."""
    try:
        from infra import environments  # noqa: PLC0415 # of the checkout, once it is known
    except ImportError:
        return {}
    found: dict[str, dict[str, Any]] = {}
    for name, places in getattr(environments, "ELSEWHERE", {}).items():
        for place in places if isinstance(places, tuple) else (places,):
            where = {"where": plain(place), **_written(name, place.kind)}
            found.setdefault(name, {})[place.kind] = where
    return found


def _written(name: str, kind: str) -> dict[str, Any]:
    shutil.rmtree(_FOLDER, ignore_errors=True)
    here = str(Path.cwd())
    path = os.pathsep.join((str(Path(here, "service", "src")), here))
    ended = subprocess.run(
        [sys.executable, "-m", "tools.elsewhere", kind, name],
        env={**os.environ, "PYTHONPATH": path, "COLUMNS": "10000"},
        capture_output=True,
        text=True,
        check=False,
    )
    files = sorted(each for each in _FOLDER.rglob("*") if each.is_file()) if ended.returncode == 0 else []
    said = " ".join(ended.stderr.split()).removeprefix("✗ ") or f"it ended with {ended.returncode}"
    return {
        "files": {str(each.relative_to(_FOLDER)): _read(each) for each in files},
        "refused": said if ended.returncode else "",
    }


def _read(path: Path) -> Any:
    from ruamel.yaml import YAML  # noqa: PLC0415 # only those who are in another place need it

    text = path.read_text()
    return json.loads(text) if path.suffix == ".json" else YAML(typ="safe", pure=True).load(text)


def main() -> None:
    """Write both as JSON."""
    sys.path.insert(0, str(Path.cwd()))
    for name, tell in zip(sys.argv[1:], (environments, elsewhere), strict=True):
        Path(name).write_text(json.dumps(tell()))


if __name__ == "__main__":
    main()
