"""Keep the state of the local cloud in a folder: small JSON files, written whole or not at all."""

import contextlib
import fcntl
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tools.local_cloud.errors import LocalCloudError

REPOSITORY = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class State:
    """The folder with everything that `make up` leaves on disk; git ignores it."""

    folder: Path

    @property
    def logs(self) -> Path:
        """Return the folder of the logs of the emulator, the runner and every container."""
        return self.folder / "logs"

    @property
    def images(self) -> Path:
        """Return the folder with a copy of each image's source, so that an old version keeps its own code."""
        return self.folder / "images"

    @property
    def assembly(self) -> Path:
        """Return the folder of the synthesised templates and assets."""
        return self.folder / "cdk.out"

    @property
    def values(self) -> Path:
        """Return the file with the values of secrets, beside the folder, so that `make down` leaves it."""
        return self.folder.parent / ".env.local"

    def read(self, name: str) -> Any:
        """Return what was written under a name, or None."""
        path = self.folder / f"{name}.json"
        try:
            return json.loads(path.read_text())
        except FileNotFoundError:
            return None
        except ValueError:
            raise LocalCloudError(f"{path} is not JSON. Remove it, then run `make down`.") from None

    def write(self, name: str, value: Any) -> None:
        """Replace a file in one step: a reader sees the old content or the new."""
        self.folder.mkdir(parents=True, exist_ok=True)
        half = self.folder / f"{name}.json.{os.getpid()}"
        try:
            half.write_text(json.dumps(value, indent=1))
            half.replace(self.folder / f"{name}.json")
        finally:
            half.unlink(missing_ok=True)

    def forget(self, name: str) -> None:
        """Remove what was written under a name."""
        (self.folder / f"{name}.json").unlink(missing_ok=True)

    @contextlib.contextmanager
    def locked(self, command: str) -> Iterator[None]:
        """Let one command at a time change the local cloud; the lock ends with its process."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / "lock").open("a+") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                file.seek(0)
                raise LocalCloudError(
                    f"Another command is at work here: {file.read().strip() or 'just started'}."
                    " Wait until it ends, or stop it with Ctrl-C."
                ) from None
            file.truncate(0)
            file.write(f"`make {command}`, process {os.getpid()}")
            file.flush()
            try:
                yield
            finally:
                file.truncate(0)
