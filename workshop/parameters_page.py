"""Keep docs/parameters.md as Environment and its parts have it."""

import argparse
import inspect
import itertools
import json
import sys
import types
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args, get_origin

from pydantic.fields import FieldInfo

from infra.parameters import Environment, Parameters

PAGE = Path(__file__).resolve().parent.parent / "docs" / "parameters.md"
# Made by `python -m workshop.when_changed`, which takes minutes.
KEPT = Path(__file__).with_name("when_changed.json")
INTRODUCTION = """# Parameters

Made from [infra/parameters](../infra/parameters) by `make docs`. Where a default is `-`, there is none.

*When changed* is what a deployment does to a running stack, as [the review](review.md) judges a change of
that parameter alone: **in place** restarts nothing; **tasks are rolled** as in any release, and users notice
nothing; **replaced** makes a new one and deletes the old, which users notice; **refused by AWS** ends in a
rollback. Other values may do less or more: `make review` tells for yours.

Of those that restart nothing or roll the tasks, {played} were played in the [local cloud](local-cloud.md) at
load, there and back, without a lost request. AWS was not asked. These were not, or elsewhere:

{others}
"""
# Parameters, or classes of them, that tests/local_cloud/test_when_changed.py does not play, and why.
NOT_PLAYED = {
    "another test plays them at load, in the several deployments that they take (test_strategy.py)": (
        *("Environment.deployment", "Environment.tls_to_tasks", "Rolling.alternate", "Rolling.tls_change"),
    ),
    "other tests play them, with a database, a cache or a queue (test_release_command.py, test_data.py, "
    "test_cache.py, test_workers.py)": (
        *("Environment.release_command", "Environment.release_timeout_s", "Postgres", "Aurora"),
        *("Environment.cache", "Valkey", "Environment.uploads", "Uploads"),
        *("Environment.workers", "Worker", "Queue", "Environment.jobs", "Job"),
    ),
    "nobody sends mail while they are played; test_environments.py deploys it": ("Environment.mail", "Mail"),
    "they make another stack, or take another bootstrap": (
        *("Environment.name", "Environment.account", "Environment.region", "Environment.bootstrap_qualifier"),
    ),
    "their images come from a registry, which the local cloud has not": (
        *("Environment.image", "ImageByDigest", "Environment.sidecars", "Sidecar"),
        "Environment.trace_percent",
    ),
    "they name what others have made, which the local cloud has not": (
        *("ExistingVpc", "ExistingLoadBalancer", "SharedLoadBalancer"),
    ),
    "they name channels, which the local cloud has not": (
        *("Alarms.slack", "Alarms.teams", "SlackChannel", "TeamsChannel"),
    ),
    "ECS moves weights for them, which the local cloud does not": ("BlueGreen", "Canary", "Linear"),
    "they come to the tasks as `ExistingDatabase.port` does, which was played": (
        *("ExistingDatabase.host", "ExistingDatabase.name", "ExistingDatabase.user"),
        "ExistingDatabase.password",
    ),
    "nothing scales by itself in the local cloud": ("Schedule",),
}


def is_played(name: str) -> bool:
    """Return whether the local cloud plays a change of this parameter: nobody should notice it."""
    told = json.loads(KEPT.read_text()).get(name)
    others = {each for names in NOT_PLAYED.values() for each in names}
    return told in ("in place", "tasks are rolled", "nothing") and not others & {
        name,
        name.partition(".")[0],
    }


def page() -> str:
    """Return the page: all parameters of an Environment and of its parts, each class once."""
    others = [f"- {', '.join(f'`{each}`' for each in names)}: {why}" for why, names in NOT_PLAYED.items()]
    played = sum(map(is_played, json.loads(KEPT.read_text())))
    introduction = INTRODUCTION.format(played=played, others="\n".join(others))
    return "\n".join([introduction, *(_section(model) for model in _models(Environment))])


def parts(field: FieldInfo) -> list[type[Parameters]]:
    """Return the classes that a field takes; none if it takes a plain value."""
    return [each for each in (field.annotation, *_members(field.annotation)) if _is_part(each)]


def _members(annotation: Any) -> tuple[Any, ...]:
    """Return the classes of a union, also of values of a dict, and the class of items of a tuple."""
    if get_origin(annotation) is dict:
        value = get_args(annotation)[1]
        return (value, *_members(value))
    several = isinstance(annotation, types.UnionType) or get_origin(annotation) is tuple
    return get_args(annotation) if several else ()


def _is_part(annotation: Any) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, Parameters)


def _models(root: type[Parameters]) -> list[type[Parameters]]:
    """Return the class and, in the order of its fields, the classes that they take."""
    nested = [_models(part) for field in root.model_fields.values() for part in parts(field)]
    return list(dict.fromkeys([root, *itertools.chain(*nested)]))


def _section(model: type[Parameters]) -> str:
    lines = [f"## {model.__name__}", "", inspect.cleandoc(model.__doc__ or ""), ""]
    if model.model_fields:
        lines += ["| parameter | default | meaning | when changed |", "|---|---|---|---|", *_rows(model), ""]
    return "\n".join(lines)


def _rows(model: type[Parameters]) -> Iterator[str]:
    when = json.loads(KEPT.read_text())
    for name, field in model.model_fields.items():
        links = " or ".join(f"[{part.__name__}](#{part.__name__.lower()})" for part in parts(field))
        meaning = ": ".join(each for each in (links or _choices(field.annotation), field.description) if each)
        changed = when.get(f"{model.__name__}.{name}", "-")
        yield f"| `{name}` | {_default(field)} | {meaning} | {changed} |"


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "required"
    value = field.get_default(call_default_factory=True)
    if isinstance(value, Parameters):
        return f"{type(value).__name__}()"
    if isinstance(value, tuple):
        return ", ".join(value) or "-"
    return "-" if value is None or value == {} else str(value)


def _choices(annotation: Any) -> str:
    return ", ".join(each for each in get_args(annotation) if isinstance(each, str))


def main() -> None:
    """Rewrite the page; with --check, exit with 1 if it is not current."""
    parser = argparse.ArgumentParser(prog="make docs", description=__doc__)
    parser.add_argument("--check", action="store_true", help="change nothing, fail if the page is old")
    if not parser.parse_args().check:
        PAGE.write_text(page())
    elif not PAGE.exists() or PAGE.read_text() != page():
        sys.exit("docs/parameters.md is not current; run `make docs`")


if __name__ == "__main__":
    main()
