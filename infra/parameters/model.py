"""Define the base class of all parameters, and explain wrong ones."""

import difflib
import re
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import AfterValidator, BaseModel, ConfigDict, ValidationError, model_validator

_ROOT = Path(__file__).resolve().parents[2]


class Parameters(BaseModel):
    """Immutable, strictly typed values; an unknown field is an error that names the known ones."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    @model_validator(mode="before")
    @classmethod
    def _only_known_fields(cls, values: Any) -> Any:
        unknown = (
            [name for name in values if name not in cls.model_fields] if isinstance(values, dict) else []
        )
        for name in unknown:
            close = difflib.get_close_matches(name, cls.model_fields, n=1)
            fields = f"the fields are {', '.join(cls.model_fields)}" if cls.model_fields else "it has none"
            hint = f"did you mean '{close[0]}'?" if close else fields
            raise ValueError(f"there is no field '{name}': {hint}")
        return values


def matching(pattern: str, meaning: str) -> AfterValidator:
    """Return a check that a whole text matches `pattern`; the error shows `meaning` instead of the pattern.

    Digits and letters in the pattern are ASCII: AWS takes no others.
    """

    def check(value: str) -> str:
        if not re.fullmatch(pattern, value, re.ASCII):
            raise ValueError(f"must be {meaning}")
        return value

    return AfterValidator(check)


def explain(error: ValidationError) -> str:
    """Return one line per mistake, each with file and line of the code that made it."""
    place = place_in_our_code(error)
    return "\n".join(f"{place}{line}" for line in _mistakes(error))


def _mistakes(error: ValidationError) -> Iterator[str]:
    for mistake in error.errors(include_url=False):
        field = ".".join(str(part) for part in mistake["loc"])
        message = mistake["msg"].removeprefix("Value error, ")
        # A check of several fields puts the values into its message; for one field the value is added here.
        given = f", but {mistake['input']!r} was given" if field and mistake["type"] != "missing" else ""
        yield f"{error.title}{'.' if field else ''}{field}: {message}{given}"


def place_in_our_code(error: Exception) -> str:
    """Return `file:line: ` of the innermost line of this repository in the traceback, or nothing."""
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        path = Path(frame.filename)
        if path.is_relative_to(_ROOT) and not path.is_relative_to(_ROOT / ".venv"):
            return f"{shown(path)}:{frame.lineno}: "
    return ""


def shown(path: Path) -> str:
    """Return a path as people write it: from the root of this repository, if the file is in it."""
    return str(path.relative_to(_ROOT) if path.is_relative_to(_ROOT) else path)
