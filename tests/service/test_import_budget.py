"""Limit the modules that a worker imports before its first answer: deployments and scaling wait for them."""

import subprocess
import sys
from pathlib import Path

# Of development, testing or other servers: some of these cost as much as Flask itself.
FORBIDDEN = {
    "doctest",
    "multiprocessing",
    "pdb",
    "pip",
    "pytest",
    "setuptools",
    "sqlite3",
    "tkinter",
    "unittest",
}
# structlog takes them along where they happen to be installed, which the image does not do.
NOT_IN_THE_IMAGE = {"rich", "pygments", "markdown_it", "mdurl"}
# About 590 with a small app; a library that doubles the number is worth a look at `python -X importtime`.
MOST_MODULES = 650


def test_a_worker_imports_no_more_than_it_needs(variables: dict[str, str], checkout: Path) -> None:
    code = "import service.server.worker, service, sys; service.create_app(); print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=checkout, env=variables, capture_output=True, check=True, text=True
    )
    roots = [name.partition(".")[0] for name in done.stdout.split()]
    assert sorted(FORBIDDEN & set(roots)) == []
    assert sum(root not in NOT_IN_THE_IMAGE for root in roots) <= MOST_MODULES
