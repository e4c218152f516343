"""List all packages in an image with syft."""

import os
import subprocess
import tempfile
from pathlib import Path

from tools.preflight.engine import CannotRunError, Engine
from tools.preflight.images import save

FOLDER = Path(__file__).resolve().parents[2] / ".local" / "preflight"
SYFT = FOLDER / "bin" / "syft"


def write_sbom(engine: Engine, reference: str, file: Path) -> None:
    """Write the list of packages as SPDX JSON; raise CannotRunError when syft is missing or fails."""
    if not SYFT.exists():
        raise CannotRunError(f"there is no syft in {SYFT.parent}: `make preflight` installs it")
    with tempfile.TemporaryDirectory(prefix="preflight-") as folder:
        archive = Path(folder, "image.tar")
        save(engine, reference, archive)
        done = subprocess.run(  # noqa: S603 (our own command)
            [SYFT, "scan", "--quiet", f"docker-archive:{archive}", "--output", f"spdx-json={file}"],
            capture_output=True,
            text=True,
            check=False,
            # Without this, syft asks the network whether there is a newer version.
            env={**os.environ, "SYFT_CHECK_FOR_APP_UPDATE": "false"},
        )
    if done.returncode:
        raise CannotRunError(f"syft failed: {done.stderr.strip()[-300:]}")
