"""Copy this repository as a clone would have it: the files that git knows, with the changes made to them."""

import shutil
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def files_of_the_checkout() -> list[Path]:
    """Return the files that git tracks, or would track after the next `git add`, from the root on."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    paths = {Path(name) for name in listed.split("\0") if name}
    # A deleted file is still listed until the deletion is committed.
    return sorted(path for path in paths if (ROOT / path).is_file())


def check_out(folder: Path) -> Path:
    """Copy the files of the checkout to the folder."""
    for path in files_of_the_checkout():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / path, folder / path)
    return folder
