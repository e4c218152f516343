"""Say in one line what is wrong with a file of the team, in the synth and in every command."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pydantic import ValidationError

from infra.parameters import explain, place_in_our_code, shown


def sentence(error: Exception) -> str:
    """Return what is wrong, after file and line of the innermost code of this repository."""
    if isinstance(error, ValidationError):
        return explain(error)
    if isinstance(error, SyntaxError):
        return f"{shown(Path(error.filename or ''))}:{error.lineno}: this is not Python: {error.msg}"
    # A SharingError, or the error of a recipe that is called with wrong arguments, is a sentence already.
    kind = "" if isinstance(error, ValueError) else f"{type(error).__name__}: "
    return f"{place_in_our_code(error)}{kind}{error}"


@contextmanager
def end_with_a_sentence() -> Iterator[None]:
    """End the program with one line and exit code 1 if the team's files, which are read inside, are wrong."""
    try:
        yield
    except Exception as error:  # noqa: BLE001 # the team's code may raise anything
        sys.exit(sentence(error))
