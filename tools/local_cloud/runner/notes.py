"""Write the runner's own log."""

import contextlib
import time


def note(message: str) -> None:
    """Write one line; a full disk must not end the runner, and with it the tasks."""
    with contextlib.suppress(OSError):
        print(time.strftime("%H:%M:%S"), message, flush=True)
