"""Read files such as .env, and keep values in one that only its owner can read."""

import io
import os
from pathlib import Path

from dotenv import dotenv_values
from dotenv.parser import parse_stream


class EnvFileError(Exception):
    """An error that says what is wrong with a file, without a value from it."""


def read(path: Path) -> dict[str, str]:
    """Return the values of a file, as a shell that knows no substitution would read them.

    Names without a value are left out. Raises EnvFileError for a line that is none of `NAME=value`.
    """
    try:
        text = path.read_text()
    except FileNotFoundError:
        raise EnvFileError(f"There is no file {path}. Name one with lines such as NAME=value.") from None
    except (OSError, UnicodeDecodeError) as error:
        raise EnvFileError(
            f"{path} cannot be read: {type(error).__name__}. It has to be UTF-8 text."
        ) from None
    wrong = [binding.original.line for binding in parse_stream(io.StringIO(text)) if binding.error]
    if wrong:
        raise EnvFileError(
            f"Line {wrong[0]} of {path} is none of NAME=value; a value with blanks or # needs quotes."
        )
    # A `$` in a password is a dollar: what a variable of this shell has does not belong into a secret.
    values = dotenv_values(stream=io.StringIO(text), interpolate=False)
    return {name: value for name, value in values.items() if value}


def keep(path: Path, values: dict[str, str]) -> None:
    """Put values into a file that only its owner can read; its other lines stay as they are."""
    before = path.read_text() if path.exists() else ""
    others = [
        binding.original.string for binding in parse_stream(io.StringIO(before)) if binding.key not in values
    ]
    text = "".join(others)
    text += "\n" if text and not text.endswith("\n") else ""
    text += "".join(f"{name}={_quoted(value)}\n" for name, value in values.items())
    half = path.with_name(f"{path.name}.{os.getpid()}")
    try:
        with os.fdopen(os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(text)
        half.replace(path)
    finally:
        half.unlink(missing_ok=True)


def _quoted(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"
