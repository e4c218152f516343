"""End a start that cannot go well, with one sentence."""

import sys
from typing import NoReturn

# Gunicorn takes this code for a worker that can never start: it ends itself, and with it the task.
CANNOT_START = 3


def say(why: str) -> None:
    """Write the sentence to stderr."""
    print(f"service cannot start: {why}", file=sys.stderr, flush=True)


def refuse(why: str) -> NoReturn:
    """Write the sentence, and exit."""
    say(why)
    sys.exit(CANNOT_START)
