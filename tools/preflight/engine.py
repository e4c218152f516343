"""Run docker or podman, by the commands that both understand."""

import json
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

KINDS = ("docker", "podman")


class CannotRunError(RuntimeError):
    """An error that says why no check could be made, and what to do."""


class ForeignImageError(CannotRunError):
    """An error for an image of an architecture that this machine cannot run."""


@dataclass(frozen=True, kw_only=True)
class Engine:
    """A container engine that answers."""

    program: str

    @classmethod
    def find(cls, wanted: str | None = None) -> "Engine":
        """Return the engine wanted, or the first that answers; raise CannotRunError if none does."""
        found = []
        for program in [wanted] if wanted else KINDS:
            if not shutil.which(program):
                found.append(f"{program} is not installed")
                continue
            done = _run([program, "info"])
            if not done.returncode:
                return cls(program=program)
            found.append(f"{program} does not answer: {_last_line(done.stderr)}")
        raise CannotRunError(f"no container engine: {'; '.join(found)}. Start Docker, or install podman.")

    def call(self, *words: str) -> str:
        """Return what a command writes to stdout; raise CannotRunError with its last line if it fails."""
        done = _run([self.program, *words])
        if done.returncode:
            raise CannotRunError(f"`{self.program} {words[0]}` failed: {_last_line(done.stderr)}")
        return done.stdout

    def begin(self, *words: str) -> subprocess.Popen[str]:
        """Start a command, with pipes for its stdin and stdout."""
        return subprocess.Popen(  # noqa: S603 (our own command)
            [self.program, *words],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )

    def image(self, reference: str) -> dict[str, Any]:
        """Return what the engine knows of an image; raise CannotRunError if it has none of that name."""
        done = _run([self.program, "image", "inspect", reference])
        if done.returncode:
            raise CannotRunError(
                f"{self.program} has no image '{reference}': build or pull it first; `{self.program} images` "
                "lists what there is"
            )
        found: dict[str, Any] = json.loads(done.stdout)[0]
        return found

    def has_image(self, reference: str) -> bool:
        """Return whether the engine has an image."""
        return not _run([self.program, "image", "inspect", reference]).returncode

    def state(self, container: str) -> dict[str, Any]:
        """Return a container's state: Running, ExitCode, OOMKilled."""
        found: dict[str, Any] = json.loads(self.call("inspect", "--format", "{{json .State}}", container))
        return found

    def memory_mib(self, container: str) -> float:
        """Return a container's memory in MiB, less its file cache; raise CannotRunError without a `cat`."""
        for folder, usage, inactive in (
            ("/sys/fs/cgroup", "memory.current", "inactive_file"),
            ("/sys/fs/cgroup/memory", "memory.usage_in_bytes", "total_inactive_file"),
        ):
            try:
                text = self.call("exec", container, "cat", f"{folder}/{usage}", f"{folder}/memory.stat")
            except CannotRunError:
                continue
            used, *stat = text.splitlines()
            fields = dict(line.split() for line in stat)
            return (int(used) - int(fields[inactive])) / 1024**2
        raise CannotRunError(f"container '{container}' does not tell its memory")

    def logs(self, container: str) -> str:
        """Return all that a container has written, to both streams."""
        done = subprocess.run(  # noqa: S603 (our own command)
            [self.program, "logs", container],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
        )
        return done.stdout.decode(errors="replace")

    def remove(self, containers: Sequence[str], volumes: Sequence[str]) -> None:
        """End and remove these, whether or not they are there."""
        for container in containers:
            _run([self.program, "kill", container])
            _run([self.program, "rm", "--force", "--volumes", container])
        for volume in volumes:
            _run([self.program, "volume", "rm", "--force", volume])

    @property
    def read_only(self) -> tuple[str, ...]:
        """Return options for a root file system that is read-only throughout, as on Fargate."""
        return ("--read-only", "--read-only-tmpfs=false") if self.program == "podman" else ("--read-only",)


def _run(words: Sequence[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(list(words), capture_output=True, text=True, errors="replace", check=False)  # noqa: S603


def _last_line(text: str) -> str:
    return next(reversed(text.strip().splitlines()), "it says nothing")
