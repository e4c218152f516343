"""Bring a project that was made from the kit to the kit's newest version.

The kit's files are replaced, the team's files stay, and a file that both changed is shown as a conflict.
Exit codes: 0 updated, or nothing is newer; 1 conflicts, or no update was possible; 2 wrong usage; 130 ended
by Ctrl-C. Without an update, all files are as they were.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from tools import show

ROOT = Path(__file__).resolve().parents[2]
ANSWERS = ".copier-answers.yml"
# How git and curl say that nothing answers.
_UNREACHABLE = ("Could not resolve", "Couldn't connect", "Failed to connect", "unreachable", "timed out")


class UpdateError(Exception):
    """The project was not updated; the message says why and what to do."""


def main(argv: Sequence[str] | None = None) -> int:
    """Update the project around this file; every failure is one line."""
    argparse.ArgumentParser(
        prog="make update", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    ).parse_args(argv)
    try:
        return _update()
    except UpdateError as error:
        show.error(str(error))
        return 1
    except KeyboardInterrupt:
        show.error("Stopped: all files are as they were.")
        return 130


def _update() -> int:
    _require_a_clean_project()
    with show.step("Looking for a newer version of the kit"):
        found = json.loads(_copier("check-update", "--output-format=json"))
    before, newest = found["current_version"], found["latest_version"]
    if not found["update_available"]:
        show.console.print(f"{before} is the kit's newest version: nothing to update.")
        return 0
    with show.step(f"Updating the kit from {before} to {newest}"):
        try:
            _copier("update", "--defaults", "--quiet")
        except BaseException:
            # The project was clean, so that all there is beside its last commit comes from the update.
            _git("restore", "--source=HEAD", "--staged", "--worktree", "--", ".")
            _git("clean", "--force", "-d", "--quiet", "--", ".")
            raise
    return _report(before, newest)


def _require_a_clean_project() -> None:
    if not shutil.which("git"):
        raise UpdateError("git was not found, and an update compares with what you committed: install git.")
    if _try_git("rev-parse", "--is-inside-work-tree").returncode:
        raise UpdateError(
            "This folder is not a git checkout, and an update compares with what you committed: run "
            "`git init && git add . && git commit`, then `make update` again."
        )
    if not (ROOT / ANSWERS).is_file():
        raise UpdateError(
            f"This is a clone of the kit, not a project that copier made (it has no {ANSWERS}): update it "
            "with `git fetch --tags` from where you cloned it, and `git merge` of the newest version's tag."
        )
    if changes := _changes():
        raise UpdateError(
            f"There are uncommitted changes ({len(changes)}, such as {changes[0][1]}), which an update would "
            "mix with its own: commit or stash them, then run `make update` again."
        )


def _copier(*arguments: str) -> str:
    """Run copier in the project and return what it prints; raise UpdateError when it fails."""
    # In English, so that the reason can be found in what it says.
    english = os.environ | {"LC_ALL": "C"}
    command = [sys.executable, "-m", "copier", *arguments]
    done = subprocess.run(  # noqa: S603 # our own command
        command, cwd=ROOT, env=english, capture_output=True, text=True, check=False
    )
    if not done.returncode:
        return done.stdout
    lines = [line.strip(" |") for line in done.stderr.splitlines()]
    reason = next((line for line in lines if "fatal:" in line), lines[-1] if lines else "no reason given")
    if any(words in done.stderr for words in _UNREACHABLE):
        raise UpdateError(f"No network: the kit could not be fetched from {_source()} ({reason}).")
    raise UpdateError(
        f"The update from {_source()} failed and all files are as they were: {reason} "
        f"(_src_path in {ANSWERS} says where the kit comes from.)"
    )


def _source() -> str:
    lines = (ROOT / ANSWERS).read_text().splitlines()
    given = [line.partition(": ")[2] for line in lines if line.startswith("_src_path: ")]
    return given[0].strip("'\"") if given else "an unknown place"


def _report(before: str, newest: str) -> int:
    changes = _changes()
    conflicts = [path for state, path in changes if state == "UU"]
    gone = [path for state, path in changes if "D" in state]
    lost = [path for path in gone if _edited(path)]
    show.console.print(f"The kit is at {newest}: {len(changes)} files changed, {len(gone)} of them gone.")
    show.console.print(f"CHANGELOG.md says what your running stacks will see after {before}.")
    if lost:
        show.error(
            f"You had edited {', '.join(lost)}, which the kit no longer has: `git show HEAD:{lost[0]}` has "
            "your text; move what you need into a file of your own."
        )
    if conflicts:
        show.error(
            f"You and the kit both changed {', '.join(conflicts)}: choose between the lines at <<<<<<< and "
            ">>>>>>>, then `git add` it. A lock is written anew by `make lock`."
        )
    if lost or conflicts:
        return 1
    show.console.print("Next: `make lock`, `make synth && make test`, `make review BASE=HEAD`, and commit.")
    return 0


def _edited(path: str) -> bool:
    """Tell whether the team committed to the file since the kit brought it.

    Making a project and updating it both write the answers; other commits are the team's.
    """
    kits = _git("log", "--format=%H", "--", ANSWERS).split()
    return _git("log", "-1", "--format=%H", "--", path).strip() not in kits


def _changes() -> list[tuple[str, str]]:
    """Return the state, in git's two letters, and the path of each file that differs from the last commit."""
    lines = _git("status", "--porcelain", "--no-renames", "--untracked-files=all", "-z").split("\0")
    return [(line[:2], line[3:]) for line in lines if line]


def _git(*arguments: str) -> str:
    done = _try_git(*arguments)
    if done.returncode:
        raise UpdateError(f"`git {arguments[0]}` failed: {done.stderr.strip()}")
    return done.stdout


def _try_git(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = ["git", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S603


if __name__ == "__main__":
    sys.exit(main())
