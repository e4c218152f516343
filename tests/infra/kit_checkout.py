"""Check the kit out without a team: its own code, and the environments of its tests."""

import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ADDITIONS = """from infra.stack import WebStack


def add(stack: WebStack) -> None:
    del stack
"""
ACCEPTED = "ACCEPTED = ()\n"
# Nothing listens on this port: used as a proxy, it ends every attempt to reach the network.
DEAD = "http://127.0.0.1:9"
OFFLINE = {
    "PATH": str(Path(sys.prefix) / "bin"),
    "HTTP_PROXY": DEAD,
    "HTTPS_PROXY": DEAD,
    "AWS_EC2_METADATA_DISABLED": "true",
}
APP = """from flask import Flask

from service.kit import Settings


def create_app(settings: Settings) -> Flask:
    del settings
    return Flask(__name__)
"""


def check_out(folder: Path) -> Path:
    """Copy the files that a synth reads to the folder, with the rooms of a team that has just moved in."""
    unread = shutil.ignore_patterns("__pycache__", "recipes")
    shutil.copytree(ROOT / "infra", folder / "infra", ignore=unread)
    shutil.copytree(
        ROOT / "service", folder / "service", ignore=shutil.ignore_patterns("__pycache__", "app", "src")
    )
    for name in ("app.py", "cdk.json"):
        shutil.copy(ROOT / name, folder / name)
    shutil.copy(ROOT / "tests" / "environments.py", folder / "infra" / "environments.py")
    (folder / "infra" / "additions.py").write_text(ADDITIONS)
    (folder / "infra" / "accepted.py").write_text(ACCEPTED)
    (folder / "service" / "app" / "static").mkdir(parents=True)
    (folder / "service" / "app" / "static" / "style.css").write_text("p { color: black }\n")
    (folder / "service" / "app" / "__init__.py").write_text(APP)
    (folder / "service" / "app" / "settings.py").write_text(
        'from service.kit import Settings\n\n__all__ = ["Settings"]\n'
    )
    (folder / "service" / "src").mkdir()
    return folder


def synth(
    checkout: Path, *, out: Path, cwd: Path | None = None, validate: bool = False
) -> subprocess.CompletedProcess[str]:
    """Run app.py of the checkout with no credentials, no Docker and no network.

    CDK's own validation takes seconds, so it runs only with `validate`.
    """
    return subprocess.run(
        [sys.executable, checkout / "app.py"],
        cwd=cwd or checkout,
        env={**OFFLINE, "CDK_OUTDIR": str(out), "CDK_VALIDATION": "true" if validate else "false"},
        capture_output=True,
        text=True,
        check=False,
    )
