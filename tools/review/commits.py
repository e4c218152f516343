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
        # The working tree is based on HEAD.
        based_on = head.commit or self._commit("HEAD")
        ref, tip, notes = self._upstream(ref, based_on)
        started = self._git("merge-base", tip, based_on)
        if started is None and self.is_shallow:
            raise ReviewError(
                f"the history is shallow and does not reach to where the head left {ref}: run "
                "`git fetch --unshallow` first (in GitHub Actions: fetch-depth: 0)"
            )
        if started is None:
            return self._side(ref, tip), [
                *notes,
                f"The head and {ref} have no common history: their tips are compared.",
            ]
        if started == tip:
            return self._side(ref, tip), notes
        return self._side(f"where it left {ref}", started), [
            *notes,
            f"{ref} has moved on since; merge it in and review again to see both together.",
        ]

    def _upstream(self, ref: str, head: str) -> tuple[str, str, list[str]]:
        """Return the branch to compare with, its tip and a note.

        That is what others have, where the own branch is older, or is the head itself.
        """
        tip = self._commit(ref)
        name = self._git("rev-parse", "--abbrev-ref", f"{ref}@{{upstream}}")
        theirs = name and self._git("rev-parse", "--verify", "--quiet", f"{name}^{{commit}}")
        if not name or not theirs or theirs == tip:
            return ref, tip, []
        if tip == head:
            return name, theirs, [f"The head is {ref} itself: it is compared with {name}."]
        if self._git("merge-base", "--is-ancestor", tip, theirs) is not None:
            return name, theirs, [f"{ref} here is older than {name}, which is compared instead."]
        return ref, tip, []

    @property
    def is_shallow(self) -> bool:
        """Return whether the clone has only the end of the history."""
        return self._git("rev-parse", "--is-shallow-repository") == "true"

    def working_tree(self) -> str:
        """Return the tree that a commit of everything here would have; write nothing to the repository."""
        with self._staged() as (tree, _):
            return tree

    @contextmanager
    def _staged(self) -> Iterator[tuple[str, dict[str, str]]]:
        """Yield the tree of everything here, and the variables with which git finds it elsewhere."""
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
            yield tree, elsewhere

    def checkout(self, side: Side, folder: Path) -> None:
        """Write the files of a side to a folder that is there."""
        if side.commit is None:
            with self._staged() as (tree, elsewhere):
                if tree != side.tree:
                    raise ReviewError("the working tree changed while it was reviewed: try again")
                self._write(side, folder, elsewhere)
            return
        # Use an index of its own: two calls of `git worktree` at once sometimes fail.
        with tempfile.TemporaryDirectory() as place:
            index = {"GIT_INDEX_FILE": f"{place}/index"}
            self._git("read-tree", side.commit, **index)
            self._write(side, folder, index)

    def _write(self, side: Side, folder: Path, index: dict[str, str]) -> None:
        if self._git("checkout-index", "--all", f"--prefix={folder}/", **index) is None:
            raise ReviewError(f"git cannot check {side.name} out to {folder}: is the disk full?")

    def file(self, side: Side, path: str) -> str | None:
        """Return the text of a file of a side, or None if there is no such file."""
        if side.commit is None:
            here = self.root / path
            return here.read_text(errors="replace") if here.is_file() else None
        return self._git("show", f"{side.commit}:{path}")

    def beside(self, side: Side, folder: str) -> list[str]:
        """Return the files of a side that are in a folder, not deeper, by their paths."""
        listing = ("ls-files", "--cached", "--others", "--exclude-standard", "--", f"{folder}/")
        if side.commit:
            listing = ("ls-tree", "-r", "--name-only", side.commit, "--", f"{folder}/")
        return [
            each for each in (self._git(*listing) or "").splitlines() if each.rpartition("/")[0] == folder
        ]

    def changed(self, base: Side, head: Side) -> list[str]:
        """Return the files that differ, with those of the working tree that are not committed."""
        arguments = [base.commit or "HEAD", *([head.commit] if head.commit else [])]
        tracked = self._git("diff", "--name-only", "--no-renames", *arguments) or ""
        new = "" if head.commit else self._git("ls-files", "--others", "--exclude-standard") or ""
        return sorted({*tracked.splitlines(), *new.splitlines()})

    def log(self, base: Side, head: Side) -> list[str]:
        """Return the commits of the head that the base has not, newest first: short id and subject."""
        told = self._git("log", "--format=%h %s", f"{base.commit}..{head.commit}")
        return (told or "").splitlines()

    def diff(self, base: Side, head: Side) -> str:
        """Return what differs between two sides as a unified diff without context."""
        options = ("--unified=0", "--no-renames", "--no-color", "--no-ext-diff", "--no-textconv")
        if head.commit:
            return self._git("diff", *options, base.commit or "HEAD", head.commit) or ""
        with self._staged() as (tree, elsewhere):
            return self._git("diff", *options, base.commit or "HEAD", tree, **elsewhere) or ""

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
            ["git", "-c", "core.quotePath=false", *arguments],  # noqa: S607 # whichever git the user has
            cwd=self.root,
            env={**os.environ, "LC_ALL": "C", **environment},
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            check=False,
        )
        return run.stdout.strip("\n") if run.returncode == 0 else None
