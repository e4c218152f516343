"""Put programs that stand in for gcloud, az and docker before all others."""

import json
import os
import sys
from pathlib import Path

import pytest

# Writes down how it was called, and answers as the test has said.
# Python by way of the shell: the first line of a program takes no path with a space.
_PROGRAM = f"""#!/bin/sh
"exec" "{sys.executable}" "-S" "$0" "$@"
import json, pathlib, sys
here = pathlib.Path(__file__).parent
called = " ".join([pathlib.Path(sys.argv[0]).name, *sys.argv[1:]])
with (here / "calls").open("a") as file:
    print(called, file=file)
for words, code, said in json.loads((here / "answers").read_text()):
    if words in called:
        print(said, file=sys.stderr if code else sys.stdout)
        sys.exit(code)
"""


class Programs:
    """Programs that answer with the first line whose words are in the call, and otherwise with nothing."""

    def __init__(self, folder: Path) -> None:
        self.folder, self._answers = folder, list[tuple[str, int, str]]()
        self._write()

    def answer(self, words: str, said: object, *, code: int = 0) -> None:
        """Answer calls that have these words; what is not text is written as JSON."""
        self._answers.append((words, code, said if isinstance(said, str) else json.dumps(said)))
        self._write()

    def _write(self) -> None:
        (self.folder / "answers").write_text(json.dumps(self._answers))

    @property
    def calls(self) -> list[str]:
        """Return how they were called, in order."""
        path = self.folder / "calls"
        return path.read_text().splitlines() if path.exists() else []


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Programs:
    folder = tmp_path / "bin"
    folder.mkdir()
    for name in ("gcloud", "az", "docker"):
        (folder / name).write_text(_PROGRAM)
        (folder / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
    return Programs(folder)
