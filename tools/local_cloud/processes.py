"""Start processes that outlive the command, and find and end them by their ids alone."""

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

_POLL_S = 0.05


@dataclass(frozen=True)
class Started:
    """A process that leads a session: its id, and its creation time, since ids are used again."""

    pid: int
    created_s: float

    @classmethod
    def of(cls, pid: int) -> "Started":
        """Describe a process that runs now."""
        return cls(pid, psutil.Process(pid).create_time())

    def alive(self) -> bool:
        """Return whether this very process still runs."""
        try:
            process = psutil.Process(self.pid)
            return process.create_time() == self.created_s and process.status() != psutil.STATUS_ZOMBIE
        except psutil.NoSuchProcess:
            return False

    def members(self) -> list[psutil.Process]:
        """Return the live processes of this session; the leader itself may be gone."""
        try:
            if psutil.Process(self.pid).create_time() != self.created_s:
                return []  # another process has the id now
        except psutil.NoSuchProcess:
            pass  # the kernel does not reuse the id while a session has it
        return [process for process in psutil.process_iter() if self._leads(process)]

    def _leads(self, process: psutil.Process) -> bool:
        try:
            return os.getsid(process.pid) == self.pid and process.status() != psutil.STATUS_ZOMBIE
        except (ProcessLookupError, psutil.NoSuchProcess):
            return False

    def stop(self, grace_s: float) -> None:
        """Send SIGTERM to the leader, and SIGKILL to all that is left after `grace_s`."""
        if self.alive():
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGTERM)
        ends_at = time.monotonic() + grace_s
        while self.alive() and time.monotonic() < ends_at:
            time.sleep(_POLL_S)
        self.kill()

    def kill(self) -> None:
        """Send SIGKILL to every process of the session."""
        while members := self.members():
            for process in members:
                with contextlib.suppress(psutil.NoSuchProcess):
                    process.kill()
            time.sleep(_POLL_S)


def start(command: Sequence[str], *, env: Mapping[str, str], cwd: Path, log: Path) -> subprocess.Popen[bytes]:
    """Start a command as leader of its own session, so that Ctrl-C in the terminal does not reach it."""
    log.parent.mkdir(parents=True, exist_ok=True)
    # In append mode the log can be cut while the process writes.
    with log.open("ab") as output:
        return subprocess.Popen(
            command,
            env=dict(env),
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
