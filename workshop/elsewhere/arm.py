"""Make closed schemas of Azure's resources from the types of Microsoft's clients, which have three forms."""

import datetime
import types
import typing
from collections.abc import Iterator
from enum import Enum
from typing import Any

import typing_extensions
from pydantic import ConfigDict, TypeAdapter

Schemas = dict[str, Any]
_SIMPLE: dict[Any, Schemas] = {
    str: {"type": "string"},
    int: {"type": "integer"},
    float: {"type": "number"},
    bool: {"type": "boolean"},
    datetime.timedelta: {"type": "string"},
    datetime.datetime: {"type": "string"},
}


def of_dictionaries(kinds: tuple[str, ...], module: Any, models: Any) -> Schemas:
    """Return the schemas of resources whose client has a TypedDict for each."""
    vars(module).update({key: each for key, each in vars(models).items() if key not in vars(module)})
    vars(module)["datetime"] = datetime
    inherited = set()
    for name, each in vars(module).items():
        if typing_extensions.is_typeddict(each):
            each.__pydantic_config__ = ConfigDict(extra="forbid", strict=True)
            if each.__total__:
                inherited.add(name)
    definitions: Schemas = {}
    for kind in kinds:
        made = TypeAdapter(getattr(module, kind)).json_schema(ref_template="#/$defs/{model}")
        definitions |= made.pop("$defs") | {kind: made}
    # Their generator marks what a class adds to one that it inherits from as required, although Azure's
    # documents do not.
    for name in inherited & definitions.keys():
        definitions[name].pop("required", None)
    tidy(definitions)
    return definitions


def tidy(node: Any) -> None:
    """Drop texts; an enum stays closed, although the types take any text beside it."""
    if isinstance(node, list):
        for each in node:
            tidy(each)
    if not isinstance(node, dict):
        return
    choices = node.get("anyOf", [])
    if len(choices) == 2 and {"type": "string"} in choices and any("$ref" in each for each in choices):
        node.update(next(each for each in node.pop("anyOf") if "$ref" in each))
    for key in ("title", "description"):
        if isinstance(node.get(key), str):
            del node[key]
    for each in node.values():
        tidy(each)


def of_classes(kinds: tuple[str, ...], models: Any, source: Any) -> Schemas:
    """Return the schemas of resources whose client has a class for each, without what Azure alone writes."""
    names = {**vars(source), "_models": models}
    found: Schemas = {}
    waiting = [getattr(models, each) for each in kinds]
    while waiting:
        each = waiting.pop()
        if each.__name__ not in found:
            found[each.__name__] = {}
            found[each.__name__] = _class(each, names, waiting)
    return found


def _class(kind: Any, names: dict[str, Any], waiting: list[Any]) -> Schemas:
    made: Schemas = {"type": "object", "properties": {}, "additionalProperties": False}
    for path, hint in _fields(kind, names):
        inner = made
        for part in path[:-1]:
            empty: Schemas = {"type": "object", "properties": {}, "additionalProperties": False}
            inner = inner["properties"].setdefault(part, empty)
        inner["properties"][path[-1]] = _type(hint, waiting)
    return made


def _fields(kind: Any, names: dict[str, Any]) -> Iterator[tuple[list[str], Any]]:
    """Yield each field that can be set, by its path in the JSON, with its type."""
    if hasattr(kind, "_attribute_map"):
        hints = typing.get_type_hints(kind.__init__, names)
        for name, told in kind._attribute_map.items():  # noqa: SLF001 (as their serializer does)
            if name in hints:
                yield told["key"].split("."), hints[name]
        return
    kind()  # which finds its fields
    hints = typing.get_type_hints(kind, names)
    for name, field in kind._attr_to_rest_field.items():  # noqa: SLF001
        if field._visibility != ["read"]:  # noqa: SLF001
            yield [field._rest_name], hints[name]  # noqa: SLF001


def _type(hint: Any, waiting: list[Any]) -> Schemas:
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin in (typing.Union, types.UnionType):
        chosen = [each for each in arguments if each is not type(None)]
        enums = [each for each in chosen if isinstance(each, type) and issubclass(each, Enum)]
        return _type((enums or chosen)[0], waiting)
    if origin is list:
        return {"type": "array", "items": _type(arguments[0], waiting)}
    if origin is dict:
        return {"type": "object", "additionalProperties": _type(arguments[1], waiting)}
    if hint in _SIMPLE:
        return dict(_SIMPLE[hint])
    if isinstance(hint, type) and issubclass(hint, Enum):
        return {"enum": [each.value for each in hint]}
    if hint is Any or hint is object:
        return {}
    waiting.append(hint)
    return {"$ref": f"#/$defs/{hint.__name__}"}
