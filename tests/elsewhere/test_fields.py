"""Every field of an environment is carried over, told of, or refused by its name."""

import itertools
from typing import Any

import pytest

from infra.elsewhere import (
    alert_policy,
    azure_alerts,
    cloud_schedule,
    log_metrics,
    notification_channel,
    refusals,
)
from infra.elsewhere.differences import differences
from infra.elsewhere.fates import FATES, fate
from infra.parameters import Environment, Google, Job, Place, Queue, Sidecar, Worker
from tests.elsewhere.examples import PLACES, at, manifests
from tools.elsewhere.images import building, images
from workshop.parameters_page import _models
from workshop.when_changed import PAIRS

# Nothing of the kit's default size would be on Cloud Run: what a field does is seen where the rest is taken.
SIZE = {"cpu": 1024, "memory_mib": 2048, "architecture": "X86_64"}

_STATSD: dict[str, Any] = {"name": "statsd", "image": "statsd/statsd:v1"}
_MAIL: dict[str, Any] = {"name": "mail", "command": ("true",), "max": 1}
_BIG = {"cpu": 2048, "memory_mib": 4096}


def _workers(**fields: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    return {"workers": (Worker(**_MAIL),)}, {"workers": (Worker(**(_MAIL | fields)),)}


def _jobs(**fields: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    job = {"name": "nightly", "schedule": "rate(1 day)", "command": ("true",), "overlap": "allow"}
    return {"jobs": (Job.model_validate(job),)}, {"jobs": (Job.model_validate(job | fields),)}


CHANGES = PAIRS | {
    # Container Apps have memory by the tenth of a GiB: a smaller change is none.
    "Sidecar.memory_mib": (
        {"sidecars": (Sidecar(**_STATSD),)},
        {"sidecars": (Sidecar(**_STATSD, memory_mib=256),)},
    ),
    # A worker with a queue is on neither place: what its fields do is seen without one.
    "Worker.name": _workers(name="post"),
    "Worker.command": _workers(command=("false",)),
    "Worker.queue": _workers(queue=Queue()),
    "Worker.min": _workers(min=2, max=2),
    "Worker.max": _workers(max=2),
    "Worker.longest_job_s": _workers(longest_job_s=30),
    "Worker.cpu": _workers(**_BIG),
    "Worker.memory_mib": _workers(**_BIG),
    "Job.cpu": _jobs(**_BIG),
    "Job.memory_mib": _jobs(**_BIG),
}


def _environment(arguments: dict[str, Any], name: str) -> Environment:
    made = Environment(**{"name": "test", **arguments})
    kept = {field: value for field, value in SIZE.items() if name != f"Tasks.{field}"}
    return made.model_copy(update={"tasks": made.tasks.model_copy(update=kept)})


def _outcome(environment: Environment, place: Place) -> tuple[Any, ...]:
    """Return the sentences that refuse it, or all that is written for it."""
    if sentences := tuple(refusals(environment, place)):
        return sentences
    made = images(environment, place)
    written = (manifests(environment, place, made), building(environment, made), environment.removal)
    if not isinstance(place, Google):
        return (*written, azure_alerts(environment, place))
    alerts = (*log_metrics(environment), notification_channel(environment), alert_policy(environment))
    return (*written, *alerts, *(cloud_schedule(each, environment, place) for each in environment.jobs))


@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.kind)
@pytest.mark.parametrize("name", CHANGES)
def test_a_change_of_a_field_is_written_told_or_refused(name: str, place: Place) -> None:
    first, then = CHANGES[name]
    before, after = (_environment(each, name) for each in (first, then))
    outcomes = [_outcome(each, at(place, each)) for each in (before, after)]
    if outcomes[0] != outcomes[1]:
        return
    part = name.partition(".")[2]
    told = {each.fate.kind for each in differences(after, place) if f".{part}." in f".{each.path}."}
    if fate(name, place).kind in ("told", "nothing") or (told and told <= {"told", "nothing"}):
        return
    changed = {field for field in {*first, *then} if first.get(field) != then.get(field)}
    refused = [each for each in outcomes[1] if isinstance(each, str)]
    assert any(each.startswith(field) for each in refused for field in changed), (changed, outcomes[1])


@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.kind)
def test_a_field_that_nobody_has_thought_of_is_refused(place: Place) -> None:
    class Tomorrow(Environment):
        shiny: str = "off"

    sentences = list(refusals(Tomorrow(name="test", shiny="on"), place))
    assert any(each.startswith("shiny is 'on', but this is ") for each in sentences), sentences


@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.kind)
def test_no_field_of_workers_and_jobs_is_forgotten(place: Place) -> None:
    unknown = fate("", place)
    assert [
        f"{model.__name__}.{name}"
        for model in (Worker, Job)
        for name in model.model_fields
        if fate(f"{model.__name__}.{name}", place) == unknown
    ] == []


def test_no_fate_is_of_a_field_or_class_that_there_is_not() -> None:
    models = {each.__name__: each for each in _models(Environment)}
    for key in FATES:
        owner, _, field = key.partition(".")
        assert owner in models, key
        assert not field or field in models[owner].model_fields, key


def test_mapped_and_told_fields_say_where_or_why() -> None:
    assert not [key for key, pair in FATES.items() if not all(each.words for each in pair)]
    kinds = {each.kind for each in itertools.chain(*FATES.values())}
    assert kinds == {"mapped", "told", "nothing", "refused", "edge"}
