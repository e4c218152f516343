"""Describe what an app asks for, whichever file of the team's says it."""

import re
from dataclasses import dataclass, field
from typing import NamedTuple

from packaging.utils import canonicalize_name

# The server is the kit's: its worker extends this very version, so no app chooses another.
SERVER = "gunicorn"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


class Pin(NamedTuple):
    """A version that the team's lock chose, and the hashes of its files, if the lock has them."""

    name: str
    version: str
    marker: str
    hashes: tuple[str, ...]

    @property
    def line(self) -> str:
        """Return the pin as a requirements file has it."""
        return f"{self.name}=={self.version}" + (f" ; {self.marker}" if self.marker else "")


@dataclass
class Wanted:
    """Hold what one file asks for: requirements, versions, and what a person should know."""

    source: str
    requirements: list[str] = field(default_factory=list)
    pins: list[Pin] = field(default_factory=list)
    constraints: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    extras: list[str] = field(default_factory=list)  # of the project itself, such as `.[prod]`
    python: str = ""  # the oldest Python that the lock is for


def name_of(requirement: str) -> str:
    """Return the normal form of the name that a requirement begins with; nothing for an option or a path."""
    found = _NAME.match(requirement)
    return canonicalize_name(found[0]) if found else ""
