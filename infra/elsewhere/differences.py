"""Walk over the fields of an environment that are not as the kit ships them, and say what becomes of each."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from infra.elsewhere.fates import Fate, fate
from infra.parameters import Environment, Parameters, Place


class Difference(NamedTuple):
    """A field by its path, such as tasks.spot, its value, and what becomes of it in the place."""

    path: str
    value: Any
    fate: Fate

    @property
    def shown(self) -> str:
        """Return the value as a sentence shows it: the class of a part, a name, a number."""
        if isinstance(self.value, Parameters):
            return type(self.value).__name__
        if isinstance(self.value, tuple | dict):
            return f"set ({len(self.value)})"
        return repr(self.value)


def differences(environment: Environment, place: Place) -> Iterator[Difference]:
    """Yield every field whose value is not its default, from the outside to the inside."""
    yield from _walk(environment, "Environment", "", place)


def _walk(model: Parameters, name: str, prefix: str, place: Place) -> Iterator[Difference]:
    for field, info in type(model).model_fields.items():
        value, path = getattr(model, field), f"{prefix}{field}"
        default = None if info.is_required() else info.get_default(call_default_factory=True)
        if value == default and type(value) is type(default):
            continue
        key = f"{name}.{field}"
        if not isinstance(value, Parameters):
            yield Difference(path, value, fate(key, place))
            items = value if isinstance(value, tuple) else ()
            for number, each in enumerate(items):
                if isinstance(each, Parameters):
                    yield from _walk(each, type(each).__name__, f"{path}[{number}].", place)
            continue
        # A part that replaces none has a fate as a field; one of another class, as a class.
        chosen = fate(key if default is None and not _is_class(value, place) else type(value).__name__, place)
        if type(value) is not type(default):
            yield Difference(path, value, chosen)
        kept = ("mapped", "nothing", "edge") if place.edge else ("mapped", "nothing")
        if chosen.kind in kept or type(value) is type(default):
            yield from _walk(value, type(value).__name__, f"{path}.", place)


def _is_class(value: Parameters, place: Place) -> bool:
    return fate(type(value).__name__, place) != fate("", place)
