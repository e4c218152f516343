"""Name the manifests of an environment that are written."""

from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class Files:
    """The manifests: of the service, of the release command, and by their names of workers and jobs."""

    service: Path
    release: Path | None = None
    workers: dict[str, Path] = field(default_factory=dict)
    jobs: dict[str, Path] = field(default_factory=dict)
