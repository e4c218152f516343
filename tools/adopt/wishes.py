"""Gather what an environment shall have, by parameter, and fit it into what Fargate and the kit allow."""

from collections.abc import Callable, Iterator
from typing import Any

from pydantic import ValidationError

from infra.parameters import (
    FARGATE_MEMORY_MIB,
    Environment,
    NewLoadBalancer,
    NewVpc,
    Parameters,
    Tasks,
)
from tools.adopt.report import Report

# What an app needs wherever it runs; all else is size and place, which an environment keeps that the
# foreign repository does not know.
NEEDED_EVERYWHERE = (
    "variables",
    "secrets",
    "release_command",
    "health_check",
    "longest_request_s",
    "sidecars",
)
# The class to begin with where a parameter may be of several.
_BEGIN = {"load_balancer": NewLoadBalancer, "network": NewVpc}


class Wishes:
    """Parameters of one environment by dotted name, such as tasks.min, and what asked for each.

    `notes` are values of which several make one parameter, until all are read.
    """

    def __init__(self, environment: str) -> None:
        self.environment = environment
        self.notes: dict[str, Any] = {}
        self._values: dict[str, Any] = {}
        self.sources: dict[str, str] = {}

    def set(self, parameter: str, value: object, source: str) -> None:
        """Wish for a value; the last wish for a parameter counts."""
        self._values[parameter] = value
        self.sources[parameter] = source

    def add(self, parameter: str, name: str, value: object, source: str) -> None:
        """Wish for one more variable or secret."""
        self.set(parameter, {**self._values.get(parameter, {}), name: value}, source)
        self.sources[f"{parameter}.{name}"] = source

    def get(self, parameter: str) -> Any:
        """Return the value that was wished for, or None."""
        return self._values.get(parameter)

    def update(self, other: "Wishes") -> None:
        """Take over all wishes of another manifest, which count more; variables and secrets come together."""
        for name, value in other:
            both = isinstance(value, dict) and isinstance(self._values.get(name), dict)
            self.set(name, {**self._values[name], **value} if both else value, other.sources[name])
        for name, notes in other.notes.items():
            mine = self.notes.get(name)
            self.notes[name] = [*mine, *notes] if isinstance(mine, list) else notes

    def needed_everywhere(self) -> "Wishes":
        """Return the wishes that any environment of the app has."""
        needed = Wishes(self.environment)
        for name, value in self._values.items():
            if name.partition(".")[0] in NEEDED_EVERYWHERE:
                needed.set(name, value, self.sources[name])
        return needed

    def keep_clients_with_one_process(self) -> None:
        """Wish for what infra/policy/polling.py asks of an app with Flask-SocketIO."""
        self.set("tasks.workers", 1, "flask_socketio")
        self.set("routing.sticky_s", 3600, "flask_socketio")

    def __iter__(self) -> Iterator[tuple[str, Any]]:
        """Iterate over names and values, whole parameters before parts of them."""
        return iter(sorted(self._values.items(), key=lambda item: item[0].count(".")))


def fitted(before: Environment, wishes: Wishes, report: Report) -> Environment:
    """Return the environment with the wishes; what cannot be is set otherwise, or left, and reported.

    Raises ValidationError if even the environment before is wrong.
    """
    fields = {name: getattr(before, name) for name in before.model_fields_set}
    for field in dict.fromkeys(name.partition(".")[0] for name, _ in wishes):
        _put(fields, field, wishes, report)
    for mend in _MENDS:
        try:
            return Environment(**fields)
        except ValidationError:
            mend(fields, wishes, report)
    try:
        return Environment(**fields)
    except ValidationError:
        return _without_the_wrong(before, fields, wishes, report)


def _put(fields: dict[str, Any], field: str, wishes: Wishes, report: Report) -> None:
    """Put all wishes for one parameter into the fields, together if they are right together."""
    whole = wishes.get(field)
    if whole is not None:
        fields[field] = {**fields.get(field, {}), **whole} if isinstance(whole, dict) else whole
    parts = {name: value for name, value in wishes if name.startswith(f"{field}.")}
    try:
        fields[field] = _with_parts(_now(fields, field) if parts else fields[field], field, parts)
    except (ValidationError, _CannotHaveError):
        if field == "tasks":
            fields["_tasks"] = {name.partition(".")[2]: value for name, value in parts.items()}
            return
        for name, value in parts.items():
            try:
                fields[field] = _with_parts(_now(fields, field), field, {name: value})
            except _CannotHaveError as cannot:
                report.yours(wishes.sources[name], value, str(cannot))
            except ValidationError as error:
                report.yours(wishes.sources[name], value, f"`{name}` {first_mistake(error)}")


def _with_parts(parameter: Any, field: str, parts: dict[str, Any]) -> Any:
    if not parts:
        return parameter
    given = _given(parameter)
    for name, value in parts.items():
        part, _, deeper = name.removeprefix(f"{field}.").partition(".")
        if part not in type(parameter).model_fields:
            raise _CannotHaveError(
                f"{type(parameter).__name__} of this environment has no `{part}`: see whether you need it"
            )
        given[part] = (
            _with_parts(given.get(part, getattr(parameter, part)), part, {f"{part}.{deeper}": value})
            if deeper
            else value
        )
    return type(parameter)(**given)


class _CannotHaveError(Exception):
    """A part that the parameter of this environment does not have."""


def _now(fields: dict[str, Any], field: str) -> Any:
    if field in fields and fields[field] is not None:
        return fields[field]
    if field in _BEGIN:
        return _BEGIN[field]()
    default = Environment.model_fields[field].default
    if not isinstance(default, Parameters):
        raise _CannotHaveError(f"set `{field}` of the environment by hand")
    return default


def _fit_size(fields: dict[str, Any], wishes: Wishes, report: Report) -> None:
    """Take the next size that Fargate offers and that everything fits into."""
    before = fields.get("tasks", Tasks())
    asked = {**_given(before), **fields.pop("_tasks", {})}
    cpu, memory_mib = asked.get("cpu", before.cpu), asked.get("memory_mib", before.memory_mib)
    for size in _sizes_from(cpu, memory_mib):
        try:
            fields["tasks"] = Tasks(**{**asked, **size})
            Environment(**fields)
        except ValidationError:
            continue
        if size != {"cpu": cpu, "memory_mib": memory_mib}:
            report.otherwise(
                wishes.sources.get("tasks.memory_mib", wishes.sources.get("tasks.cpu", "size of a task")),
                f"cpu {cpu}, memory {memory_mib} MiB",
                f"`tasks.cpu={size['cpu']}`, `tasks.memory_mib={size['memory_mib']}`: the next size of "
                "Fargate "
                "into which workers, proxy and sidecars fit",
            )
        return
    fields["tasks"] = before


def _sizes_from(cpu: int, memory_mib: int) -> Iterator[dict[str, int]]:
    for each, sizes in FARGATE_MEMORY_MIB.items():
        for size in sizes:
            if each >= cpu and size >= memory_mib:
                yield {"cpu": each, "memory_mib": size}


def _fit_spot(fields: dict[str, Any], wishes: Wishes, report: Report) -> None:
    """Leave Spot where requests take longer than its two minutes' notice allows."""
    tasks = fields.get("tasks", Tasks())
    if tasks.spot == "never" or "longest_request_s" not in fields:
        return
    fields["tasks"] = tasks.model_copy(update={"spot": "never"})
    report.otherwise(
        wishes.sources.get("longest_request_s", "longest request"),
        fields["longest_request_s"],
        "`tasks.spot='never'`: a Spot task would not finish such requests in its two minutes' notice",
    )


_MENDS: tuple[Callable[[dict[str, Any], Wishes, Report], None], ...] = (_fit_spot, _fit_size)


def _without_the_wrong(
    before: Environment, fields: dict[str, Any], wishes: Wishes, report: Report
) -> Environment:
    """Add the wishes one by one, and leave out each with which the environment is wrong."""
    kept = {name: getattr(before, name) for name in before.model_fields_set}
    for name in [name for name in fields if fields[name] != kept.get(name) and not name.startswith("_")]:
        try:
            Environment(**{**kept, name: fields[name]})
        except ValidationError as wrong:
            sources = [source for part, source in wishes.sources.items() if part.partition(".")[0] == name]
            report.yours(
                sources[0] if sources else name, name, f"`{name}` is as it was: {first_mistake(wrong)}"
            )
        else:
            kept[name] = fields[name]
    return Environment(**kept)


def _given(parameter: Parameters) -> dict[str, Any]:
    return {name: getattr(parameter, name) for name in parameter.model_fields_set}


def first_mistake(error: ValidationError) -> str:
    """Return what pydantic says of the first mistake."""
    return str(error.errors(include_url=False)[0]["msg"]).removeprefix("Value error, ")
