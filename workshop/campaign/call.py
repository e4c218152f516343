"""Hold parameters as somebody writes them, before any check has seen them."""

from dataclasses import dataclass
from typing import Any

from infra.parameters import Parameters


@dataclass(frozen=True)
class Call:
    """A class of parameters and its arguments, which may be calls too; its repr is how one writes it."""

    model: type[Parameters]
    arguments: dict[str, Any]

    def made(self) -> Parameters:
        """Return the value; raise ValidationError."""
        return self.model(**{name: _made(value) for name, value in self.arguments.items()})

    def __repr__(self) -> str:
        """Return the call as it is written in infra/environments.py."""
        return f"{self.model.__name__}({', '.join(f'{k}={v!r}' for k, v in self.arguments.items())})"


def _made(value: Any) -> Any:
    if isinstance(value, Call):
        return value.made()
    if isinstance(value, tuple):
        return tuple(_made(each) for each in value)
    return {key: _made(each) for key, each in value.items()} if isinstance(value, dict) else value
