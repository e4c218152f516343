"""Refuse channels of alarms where nobody may make them."""

from collections.abc import Iterator

from infra.parameters.fields import EnvironmentFields
from infra.parameters.preview_names import PREVIEW_BOUNDARY


def chat_problems(environment: EnvironmentFields) -> Iterator[str]:
    """Yield why alarms of an environment cannot go to a channel."""
    alarms = environment.alarms
    if environment.permissions_boundary == PREVIEW_BOUNDARY and (alarms.slack or alarms.teams):
        yield (
            f"alarms.{'slack' if alarms.slack else 'teams'} is set in a preview, whose pipeline may not make "
            "channels: remove it there; the environment that owns its load balancer may have it"
        )
