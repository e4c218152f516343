"""Name the manifests of an environment, and write each once its schema has found no mistake."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from tools.elsewhere.errors import ElsewhereError


@dataclass(frozen=True, kw_only=True)
class Files:
    """The manifests: of the service, of the release command, and by their names of workers and jobs."""

    service: Path
    release: Path | None = None
    workers: dict[str, Path] = field(default_factory=dict)
    jobs: dict[str, Path] = field(default_factory=dict)


def file(path: Path, document: dict[str, Any], mistakes: list[str]) -> Path:
    """Write it and return its path; raises ElsewhereError with the mistakes, if there are any."""
    if mistakes:
        raise ElsewhereError(f"{path.name} has what its schema does not know: {'; '.join(mistakes)}")
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as out:
        if path.suffix == ".yaml":
            writer = YAML()
            writer.default_flow_style = False
            writer.dump(document, out)
        else:
            json.dump(document, out, indent=2)
            out.write("\n")
    return path
