"""Find the two sides of a review with git."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tools.review.errors import ReviewError


@dataclass(frozen=True, kw_only=True)
class Side:
    """One side: `ref` as it was asked for; `commit` is None for the working tree."""

    ref: str
    commit: str | None
    tree: str

    @property
    def name(self) -> str:
        """Return the side's name in the report."""
        return f"{self.ref} ({self.commit[:9]})" if self.commit else "the working tree"


class Repository:
    """The git repository that a folder is in; raises ReviewError if there is none."""

    def __init__(self, folder: Path) -> None:
        if not shutil.which("git"):
            raise ReviewError("git is not installed: a review compares two commits")
        self.root = folder
        top = self._git("rev-parse", "--show-toplevel")
        if top is None:
            raise ReviewError(f"{folder} is not a git repository: a review compares two commits of one")
        self.root = Path(top)

    def head(self, ref: str | None) -> Side:
        """Return the side that is reviewed; None is the working tree with all that is not committed."""
        if ref is None:
            return Side(ref="the working tree", commit=None, tree=self.working_tree())
        return self._side(ref, self._commit(ref))

    def base(self, ref: str, head: Side) -> tuple[Side, list[str]]:
        """Return where the head left the base, so that others' later changes do not show, and notes on it."""
        tip = self._commit(ref)
        # The working tree is based on HEAD.
        started = self._git("merge-base", tip, head.commit or "HEAD")
        if started is None and self.is_shallow:
            raise ReviewError(
                f"the history is shallow and does not reach to where the head left {ref}: run "
                "`git fetch --unshallow` first (in GitHub Actions: fetch-depth: 0)"
            )
        if started is None:
            return self._side(ref, tip), [
                f"The head and {ref} have no common history: their tips are compared."
            ]
        if started == tip:
            return self._side(ref, tip), []
        return self._side(f"where it left {ref}", started), [
            f"{ref} has moved on since; merge it in and review again to see both together."
        ]

    @property
    def is_shallow(self) -> bool:
        """Return whether the clone has only the end of the history."""
        return self._git("rev-parse", "--is-shallow-repository") == "true"

    def working_tree(self) -> str:
        """Return the tree that a commit of everything here would have; write nothing to the repository."""
        objects = self._git("rev-parse", "--path-format=absolute", "--git-path", "objects") or ""
        with tempfile.TemporaryDirectory() as folder:
            elsewhere = {
                "GIT_INDEX_FILE": f"{folder}/index",
                "GIT_OBJECT_DIRECTORY": folder,
                "GIT_ALTERNATE_OBJECT_DIRECTORIES": objects,
            }
            self._git("read-tree", "HEAD", **elsewhere)
            added = self._git("add", "--all", **elsewhere)
            tree = self._git("write-tree", **elsewhere)
        if added is None or tree is None:
            raise ReviewError("git cannot read the working tree: see `git status`")
        return tree

    @contextmanager
    def checkout(self, side: Side, folder: Path) -> Iterator[Path]:
        """Check a side out within `folder` and remove it again; the working tree is used as it is."""
        if side.commit is None:
            yield self.root
            return
        # Use an index of its own: two calls of `git worktree` at once sometimes fail.
        with tempfile.TemporaryDirectory(prefix="checkout-", dir=folder) as place:
            index = {"GIT_INDEX_FILE": f"{place}/index"}
            files = Path(place, "files")
            read = self._git("read-tree", side.commit, **index)
            if read is None or self._git("checkout-index", "--all", f"--prefix={files}/", **index) is None:
                raise ReviewError(f"git cannot check {side.name} out to {files}: is the disk full?")
            yield files

    def file(self, side: Side, path: str) -> str | None:
        """Return the text of a file of a side, or None if there is no such file."""
        if side.commit is None:
            here = self.root / path
            return here.read_text() if here.is_file() else None
        return self._git("show", f"{side.commit}:{path}")

    def changed(self, base: Side, head: Side) -> list[str]:
        """Return the files that differ, with those of the working tree that are not committed."""
        arguments = [base.commit or "HEAD", *([head.commit] if head.commit else [])]
        tracked = self._git("diff", "--name-only", "--no-renames", *arguments) or ""
        new = "" if head.commit else self._git("ls-files", "--others", "--exclude-standard") or ""
        return sorted({*tracked.splitlines(), *new.splitlines()})

    def _side(self, ref: str, commit: str) -> Side:
        return Side(ref=ref, commit=commit, tree=self._git("rev-parse", f"{commit}^{{tree}}") or commit)

    def _commit(self, ref: str) -> str:
        # A clone often has origin/main and no branch main.
        for name in (ref, f"origin/{ref}"):
            found = self._git("rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}")
            if found:
                return found
        branches = self._git("branch", "--all", "--format=%(refname:short)") or ""
        known = ", ".join(branches.split()[:8]) or "none"
        shallow = " The clone is shallow: run `git fetch --unshallow` first." if self.is_shallow else ""
        raise ReviewError(
            f"there is no commit '{ref}' here: give a branch ({known}), tag or commit.{shallow}"
        )

    def _git(self, *arguments: str, **environment: str) -> str | None:
        """Return what git prints, or None if it fails."""
        run = subprocess.run(
            ["git", *arguments],  # noqa: S607 # whichever git the user has
            cwd=self.root,
            env={**os.environ, "LC_ALL": "C", **environment},
            capture_output=True,
            text=True,
            check=False,
        )
        return run.stdout.strip("\n") if run.returncode == 0 else None
