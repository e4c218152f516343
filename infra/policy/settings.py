"""Rule `settings`: what the service requires is given to it, and what it is given is read."""

from collections.abc import Iterator

from infra.contract import ServiceSettings, settings_problems
from infra.policy.template import Container, Finding

# The container in which service/kit/settings.py is read.
SERVICE_CONTAINER = "web"


def settings_findings(container: Container, settings: ServiceSettings) -> Iterator[Finding]:
    """What the container of the service lacks, shows or gets for nothing."""
    if container.name != SERVICE_CONTAINER:
        return
    for sentence in settings_problems(settings, variables=[*container.variables], secrets=container.secrets):
        yield Finding("settings", container.logical_id, sentence)
