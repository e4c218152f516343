"""Generate environments that nobody would think of, from the declared fields of the parameters."""

import inspect
import re
from functools import cache
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import annotated_types
from hypothesis import strategies as st
from pydantic import AfterValidator

from infra.parameters import Environment, Parameters
from workshop.campaign.call import Call
from workshop.campaign.plausible import ABSENT, PLAUSIBLE, together

Strategy = st.SearchStrategy[Any]

# What people and generators put where something else belongs.
_TEXTS = ("", " ", "x" * 3000, "a\nb", "\0", "${AWS::Region}", "<script>", "ä.example.com", "-1")
_NUMBERS = (-1, 0, 1.5, float("nan"), float("inf"), 10**30)
NONSENSE = st.sampled_from((*_TEXTS, *_NUMBERS, None, True, [], (), {}, ("",), {"": ""}, object()))


def _one_in(count: int) -> st.SearchStrategy[bool]:
    # Not zero, which Hypothesis draws more often than others.
    return st.integers(1, count).map(lambda drawn: drawn == count // 2 + 1)


def environments(*, nonsense: bool) -> st.SearchStrategy[Call]:
    """Return calls of Environment; with `nonsense`, some of their values are of no allowed kind."""
    return calls(Environment, nonsense=nonsense)


@st.composite
def calls(draw: st.DrawFn, model: type[Parameters], *, nonsense: bool) -> Call:
    """Return a call with its required fields and some others."""
    arguments: dict[str, Any] = {}
    for name, field in model.model_fields.items():
        if not field.is_required() and not draw(_one_in(4)):
            continue
        arguments[name] = draw(_value(model, name, nonsense=nonsense))
    if not draw(_one_in(30)):
        arguments |= draw(together(model, arguments))
        arguments = {name: value for name, value in arguments.items() if value is not ABSENT}
    if nonsense and draw(_one_in(60)):
        arguments[draw(st.sampled_from(["memory", "tsaks", "", "Name"]))] = draw(NONSENSE)
    return Call(model, arguments)


@cache
def _value(model: type[Parameters], name: str, *, nonsense: bool) -> Strategy:
    field = model.model_fields[name]
    allowed = _of(field.annotation, list(field.metadata), nonsense=nonsense)
    known = PLAUSIBLE.get((model.__name__, name))
    if known is not None:
        # Mostly: what the fields themselves allow beside it must be borne or refused too.
        allowed = st.one_of(*[known] * 30, allowed)
    return st.one_of(*[allowed] * 30, NONSENSE) if nonsense else allowed


def _of(kind: Any, metadata: list[Any], *, nonsense: bool) -> Strategy:
    origin, members = get_origin(kind), get_args(kind)
    if origin is Annotated:
        return _of(members[0], [*metadata, *members[1:]], nonsense=nonsense)
    if origin is Literal:
        return st.sampled_from(members)
    if origin in {Union, UnionType}:
        return st.one_of(*(_of(each, metadata, nonsense=nonsense) for each in members))
    if origin is tuple:
        return st.lists(_of(members[0], [], nonsense=nonsense), max_size=3).map(tuple)
    if origin is dict:
        keys, values = (_of(each, [], nonsense=nonsense) for each in members)
        return st.dictionaries(keys, values, max_size=3)
    if isinstance(kind, type) and issubclass(kind, Parameters):
        return calls(kind, nonsense=nonsense)
    return _plain(kind, metadata)


def _plain(kind: Any, metadata: list[Any]) -> Strategy:
    if kind is bool:
        return st.booleans()
    if kind is str:
        patterns = [pattern for each in metadata if (pattern := _pattern(each))]
        return (
            st.from_regex(re.compile(patterns[0], re.ASCII), fullmatch=True)
            if patterns
            else st.text(max_size=20)
        )
    if kind is int or kind is float:
        low, high = _bounds(metadata)
        if kind is int:
            return st.one_of(st.integers(low, low + 10), st.integers(low, high))
        return st.floats(low, high, allow_nan=False, exclude_min=low == 0)
    return st.none()


def _pattern(check: Any) -> str | None:
    if not isinstance(check, AfterValidator):
        return None
    return inspect.getclosurevars(check.func).nonlocals.get("pattern")


def _bounds(metadata: list[Any]) -> tuple[int, int]:
    low, high = 0, 100_000
    for each in metadata:
        if isinstance(each, annotated_types.Ge):
            low = int(each.ge)  # type: ignore[call-overload]
        elif isinstance(each, annotated_types.Gt):
            low = int(each.gt)  # type: ignore[call-overload]
        elif isinstance(each, annotated_types.Le):
            high = int(each.le)  # type: ignore[call-overload]
    return low, max(low, high)
