"""Say where the app's own packages are on this machine, and how a process of the app finds them and its code."""

import os
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# Made by `make` of the app's locks; the commands' own environment has no package of the app.
FOLDER = ROOT / ".local" / "app"


def variables(code: Path, base: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Return what a process of the app is given so that it runs as in the image; `code` has the folder service."""
    return {
        "PATH": os.pathsep.join([str(FOLDER / "bin"), base.get("PATH", os.defpath)]),
        # As the image has it: the team's packages first.
        "PYTHONPATH": f"{code / 'service' / 'src'}:{code}",
        "FLASK_APP": "service",
    }


def working_directory(code: Path) -> Path:
    """Return the folder that the image's WORKDIR names, where `migrations` and the like are."""
    folder = code / "service" / "src"
    return folder if folder.is_dir() else code
