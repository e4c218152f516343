"""Set how often AWS is asked while a command waits, and ask a person to confirm."""

import sys

from tools.operate.errors import UsageError

# A compromise between a person's patience and AWS's request limits.
POLL_S = 1.0


def confirm(question: str, *, word: str = "yes", sure: bool) -> bool:
    """Ask a person to type a word, unless `sure`; raise UsageError where nobody can answer."""
    if sure:
        return True
    if not sys.stdin.isatty():
        raise UsageError("Nobody is there to ask. With --yes it is done without a question.")
    try:
        return input(f"{question} Type {word}: ").strip() == word
    except EOFError:
        return False
