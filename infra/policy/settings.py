"""Compare the variables of the service's container with the settings it declares: rule `settings`."""

from collections.abc import Iterator

from infra.contract import ServiceSettings, settings_problems
from infra.policy.template import Container, Finding

# The container that runs the service, which reads the settings of service/kit/settings.py.
SERVICE_CONTAINER = "web"


def settings_findings(container: Container, settings: ServiceSettings) -> Iterator[Finding]:
    """Yield each setting of the service that is missing, shown in plain text, or misspelt."""
    if container.name != SERVICE_CONTAINER:
        return
    problems = settings_problems(
        settings,
        environment=container.variables.get("ENVIRONMENT", "prod"),
        variables=container.variables,
        secrets=container.secrets,
    )
    for sentence in problems:
        yield Finding("settings", container.logical_id, sentence)
