"""Renew the sample in docs/review.md: the review of a change to all three environments."""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, NamedTuple

from tools.harmless import harmless
from tools.review.markdown import MARKER
from workshop.pages import filled

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "review.md"
_COMPARED = "Compared: main (3f1c2aa90) and the working tree."
_ENVIRONMENTS = "infra/environments.py"
_COMMAND = (sys.executable, "-m", "tools.review", "--base", "main", "--fail-on", "never")
SIGNS_AT_LINES = {"dangerous": "🔴", "look": "🟡"}
_SHOWN_AT_A_LINE = 3


class Edit(NamedTuple):
    """`old` becomes `new` in a file; without `old`, `new` is put at its end."""

    path: str
    old: str
    new: str

    def apply(self, project: Path) -> None:
        """Make the change; raises ValueError where the file has moved on."""
        file = project / self.path
        text = file.read_text() if file.exists() else ""
        if self.old not in text:
            raise ValueError(f"{self.path} no longer has {self.old!r}: change the edit with it")
        file.write_text(text.replace(self.old, self.new, 1) if self.old else text + self.new)


SAMPLE = (
    Edit(_ENVIRONMENTS, "cpu=256, memory_mib=512", "cpu=256, memory_mib=1024"),
    Edit(_ENVIRONMENTS, '    name="dev",', '    name="dev",\n    execute_command=True,'),
    Edit(_ENVIRONMENTS, "    NatGateways,\n", "    InsideVpc,\n    NatGateways,\n"),
    Edit(_ENVIRONMENTS, 'waf=Waf(mode="count")', 'ingress=InsideVpc(), waf=Waf(mode="count")'),
    Edit(_ENVIRONMENTS, '    name="prod",', '    name="prod",\n    longest_request_s=45,'),
    Edit(_ENVIRONMENTS, "min=2, max=10", "min=2, max=20"),
)


def git(project: Path, *arguments: str) -> str:
    """Run git in a repository as a made-up author, whatever the person's git settings are."""
    identity = ("-c", "user.name=Sample", "-c", "user.email=sample@example.com", "-c", "commit.gpgsign=false")
    command = ["git", *identity, *arguments]
    return subprocess.run(command, cwd=project, capture_output=True, text=True, check=True).stdout


def repository(project: Path) -> None:
    """Make a repository with one commit of the files that this one tracks, or would."""
    files = git(ROOT, "ls-files", "-z", "--cached", "--others", "--exclude-standard")
    for name in filter(None, files.split("\0")):
        if (ROOT / name).is_file() and not name.startswith("docs/images"):
            (project / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, project / name)
    # The kit's own, which stay the same whatever a team writes into its file.
    shutil.copy(ROOT / "tests" / "environments.py", project / _ENVIRONMENTS)
    git(project, "init", "--quiet", "--initial-branch", "main")
    (project / ".git/info/exclude").write_text("/node_modules\n")
    (project / "node_modules").symlink_to(ROOT / "node_modules")
    git(project, "add", "--all")
    git(project, "commit", "--quiet", "--message", "base")


def page(old: str, report: str, found: dict[str, Any]) -> str:
    """Return docs/review.md with a report and its JSON in it, as if made in a repository of a team."""
    told = [
        line
        for line in report.splitlines()
        if not line.startswith((MARKER, "- CDK_VALIDATION is false", "- The code under review ran"))
    ]
    text = "\n".join(_COMPARED if line.startswith("Compared: ") else line for line in told).strip()
    return filled(PAGE, old, {"sample": text, "lines": _at_lines(found)})


def _at_lines(found: dict[str, Any]) -> str:
    """Return the findings at each line of the change, as the comments on GitHub have them."""
    places: dict[tuple[str, int], list[str]] = {}
    for environment in found["environments"]:
        for reason in environment["reasons"]:
            if reason["level"] in SIGNS_AT_LINES and reason["place"]:
                key = (reason["place"]["path"], reason["place"]["line"])
                text = harmless(f"{environment['name']}: {reason['text']}")
                places.setdefault(key, []).append(f"> {SIGNS_AT_LINES[reason['level']]} {text}")
    return "\n\n".join(
        "\n".join([f"`{path}`, line {line}:", "", "\n>\n".join(said[:_SHOWN_AT_A_LINE])])
        for (path, line), said in sorted(places.items())
    )


def main() -> None:
    """Write docs/review.md anew with a sample report."""
    argparse.ArgumentParser(prog="make docs", description=__doc__).parse_args()
    with tempfile.TemporaryDirectory() as folder:
        project = Path(folder)
        repository(project)
        machine = Path(folder, ".git", "review.json")
        for edit in SAMPLE:
            edit.apply(project)
        run = subprocess.run(
            [*_COMMAND, "--json", str(machine)],
            cwd=project,
            # The rules that CDK brings take seconds, and find nothing here.
            env={**os.environ, "CDK_VALIDATION": "false", "PYTHONPATH": str(project)},
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
        found = json.loads(machine.read_text())
    PAGE.write_text(page(PAGE.read_text(), run.stdout, found))


if __name__ == "__main__":
    main()
