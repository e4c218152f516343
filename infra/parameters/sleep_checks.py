"""Refuse sleep where visitors would be hurt, or where somebody else moves requests."""

from collections.abc import Iterator

from infra.parameters.deployment import BlueGreen
from infra.parameters.fields import EnvironmentFields
from infra.parameters.preview_names import PREVIEW_BOUNDARY


def sleep_problems(environment: EnvironmentFields) -> Iterator[str]:
    """Yield why an environment with `sleep` must not sleep, and what to set."""
    sleep, deployment = environment.sleep, environment.deployment
    if sleep is None:
        return
    if environment.removal == "retain" and not sleep.although_retained:
        yield (
            "sleep is set and removal is 'retain', as in production, whose visitors would wait for a task: "
            "remove sleep, or set Sleep(although_retained=True)"
        )
    if environment.permissions_boundary == PREVIEW_BOUNDARY:
        yield (
            "sleep is set in a preview, and previews may make no Lambda function, which would wake it: "
            "remove sleep; the pipeline removes a preview with its pull request"
        )
    if isinstance(deployment, BlueGreen):
        yield (
            "sleep and deployment BlueGreen would both change the load balancer's rule: "
            "set deployment=Rolling(), or remove sleep"
        )
    elif deployment.alternate or deployment.tls_change:
        name = "alternate" if deployment.alternate else "tls_change"
        yield (
            f"sleep and deployment.{name} would both change the load balancer's rule: "
            "remove sleep for as long as the change of deployment takes"
        )
