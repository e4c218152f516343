"""Make a repository whose app.py writes the templates in stack.json: real git and command, but no CDK."""

import json
import time
from pathlib import Path
from typing import Any

from workshop.review_page import git

APP = """
import json, os, pathlib
out = pathlib.Path(os.environ["CDK_OUTDIR"])
stacks = json.loads(pathlib.Path("stack.json").read_text())
out.mkdir(parents=True)
for name, template in stacks.items():
    (out / f"Web-{name}.template.json").write_text(json.dumps(template))
artifacts = {
    name if name == "Pipeline" else f"Web-{name}": {
        "type": "aws:cloudformation:stack",
        "environment": "aws://unknown-account/eu-west-1",
        "properties": {"templateFile": f"Web-{name}.template.json"},
    }
    for name in stacks
}
(out / "manifest.json").write_text(json.dumps({"artifacts": artifacts}))
"""
LOG: dict[str, Any] = {"Type": "AWS::Logs::LogGroup", "Properties": {"RetentionInDays": 30}}
TOPIC: dict[str, Any] = {"Type": "AWS::SNS::Topic", "Properties": {}}


def template(**resources: Any) -> dict[str, Any]:
    return {"Resources": resources}


def repository(folder: Path) -> Path:
    """Make a repository with one commit on main: dev with a log and a topic."""
    folder.mkdir(parents=True)
    (folder / ".gitignore").write_text(".local/\n")
    (folder / "app.py").write_text(APP)
    (folder / "cdk.json").write_text(json.dumps({"app": "python app.py"}))
    put(folder, dev=template(Log=LOG, Topic=TOPIC))
    git(folder, "init", "--quiet", "--initial-branch", "main")
    save(folder)
    return folder


def put(folder: Path, **templates: Any) -> None:
    (folder / "stack.json").write_text(json.dumps(templates))


def save(folder: Path) -> None:
    git(folder, "add", "--all")
    # Each message is different, because two equal empty commits in one second would have the same id.
    git(folder, "commit", "--quiet", "--allow-empty", "--message", f"commit {time.monotonic_ns()}")


def files(folder: Path) -> dict[str, bytes]:
    """Return the contents of all files of a repository except its cache."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and ".local" not in path.parts
    }
