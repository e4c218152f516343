"""Find where beside AWS an environment is to be, as infra/environments.py says."""

from collections.abc import Iterable

from infra.parameters import Azure, Environment, Google, Place
from tools import environments
from tools.elsewhere.errors import ElsewhereError

_EXAMPLES = {
    "google": 'Google(project="my-project", region="europe-west1")',
    "azure": 'Azure(subscription="...", resource_group="web", location="westeurope", registry="...")',
}
_KINDS: dict[str, type[Google | Azure]] = {"google": Google, "azure": Azure}
_APART = {"google": "regions or projects", "azure": "resource groups"}


def places(environment: Environment) -> tuple[Place, ...]:
    """Return all places beside AWS in which an environment is to be."""
    found = environments.ELSEWHERE.get(environment.name, ())
    return found if isinstance(found, tuple) else (found,)


def find_place(environment: Environment, kind: str) -> Place:
    """Return the environment's place of this kind; raises ElsewhereError, with what to write, without one."""
    for place in places(environment):
        if isinstance(place, _KINDS[kind]):
            return place
    name = _KINDS[kind].__name__
    raise ElsewhereError(
        f"infra/environments.py does not say where in {name} '{environment.name}' is: import {name} from "
        "infra.parameters, and add at the end of the file\n"
        f'ELSEWHERE = {{"{environment.name}": ({_EXAMPLES[kind]},)}}'
    )


def check_names(environment: Environment, place: Place, others: Iterable[Environment]) -> None:
    """Raise ElsewhereError where another environment there has a name that a worker or a job makes."""
    for other in others:
        there = other.name != environment.name and _home(place) in map(_home, places(other))
        if there and (taken := _names(environment) & _names(other)):
            name = min(taken)[1]
            raise ElsewhereError(
                f"'{name}' is of {environment.name} and of {other.name}, and one would replace the other: "
                f"rename one of the two, or its worker or job, or give them {_APART[place.kind]} apart"
            )


def _home(place: Place) -> tuple[str, ...]:
    if isinstance(place, Google):
        return place.project, place.region
    return place.subscription, place.resource_group.lower()


def _names(environment: Environment) -> set[tuple[str, str]]:
    """Return the names of its apps and of its jobs, which have a room of names of their own."""
    name = f"web-{environment.name}"
    apps = {name, *(f"{name}-{each.name}" for each in environment.workers)}
    jobs = {f"{name}-release", *(f"{name}-{each.name}" for each in environment.jobs)}
    return {("app", each) for each in apps} | {("job", each) for each in jobs}
