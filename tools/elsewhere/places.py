"""Find where beside AWS an environment is to be, as infra/environments.py says."""

from infra import environments
from infra.parameters import Azure, Environment, Google, Place
from tools.elsewhere.errors import ElsewhereError

_EXAMPLES = {
    "google": 'Google(project="my-project", region="europe-west1")',
    "azure": 'Azure(subscription="...", resource_group="web", location="westeurope", registry="...")',
}
_KINDS: dict[str, type[Google | Azure]] = {"google": Google, "azure": Azure}


def places(environment: Environment) -> tuple[Place, ...]:
    """Return all places beside AWS in which an environment is to be."""
    written: dict[str, Place | tuple[Place, ...]] = getattr(environments, "ELSEWHERE", {})
    found = written.get(environment.name, ())
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
