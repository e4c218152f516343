"""Start the server for agents, and ask it with the client of the SDK."""

import json
import subprocess
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
PYTHON = ROOT / ".local/mcp/bin/python"


def asked(*options: str, calls: list[tuple[str, dict[str, Any]]]) -> dict[str, Any]:
    """Return the tools of a server that was started with these options, and its answers."""
    words = [str(PYTHON), str(ROOT / "tools/mcp/server.py"), *options]
    done = subprocess.run(
        [PYTHON, ROOT / "tests/mcp/client.py", json.dumps({"words": words, "calls": calls})],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout))
