"""Refuse channels of alarms where nobody may make them."""

from collections.abc import Iterator, Sequence

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


def taken_twice(environments: Sequence[EnvironmentFields]) -> str | None:
    """Return a sentence about a channel that two environments of one account name: AWS takes it once.

    https://github.com/aws-cloudformation/cloudformation-coverage-roadmap/issues/1155
    """
    taken: dict[tuple[str | None, str, str], str] = {}
    for each in environments:
        channels = {"slack": each.alarms.slack, "teams": each.alarms.teams}
        for kind, channel in channels.items():
            if channel is None:
                continue
            other = taken.setdefault((each.account, kind, channel.channel_id), each.name)
            if other != each.name:
                return (
                    f"alarms.{kind} of {other} and of {each.name} is the channel {channel.channel_id}, which "
                    "AWS takes once in an account: give each environment a channel, or each an account"
                )
    return None
