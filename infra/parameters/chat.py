"""Define the channels of Slack and of Microsoft Teams that get alarms beside the mail."""

from typing import Annotated

from pydantic import Field

from infra.parameters.model import Parameters, matching

# What CloudFormation takes, for Teams too:
# https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-chatbot-slackchannelconfiguration.html
WorkspaceId = Annotated[str, matching(r"[0-9A-Z]{1,255}", "the id of a workspace such as T0123456789")]
ChannelId = Annotated[str, matching(r"[A-Za-z0-9]{1,256}", "the id of a channel such as C0123456789")]
Uuid = Annotated[
    str,
    matching(
        r"[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}",
        "an id such as 12345678-1234-1234-1234-123456789012",
    ),
]
_PART = r"[\w=+/.,-]*"
TeamsChannelId = Annotated[
    str,
    matching(
        f"(?=.{{1,256}}$){_PART}%3[aA]{_PART}%40{_PART}",
        "the id of a channel as its link has it, such as 19%3a0123456789abcdef%40thread.tacv2",
    ),
]


class SlackChannel(Parameters):
    """A channel of Slack; authorise the workspace once in the console of Amazon Q in chat applications."""

    workspace_id: WorkspaceId = Field(description="id of the workspace, which that console shows")
    channel_id: ChannelId = Field(description="id of the channel; into a private one, invite @Amazon Q")


class TeamsChannel(Parameters):
    """A channel of Teams; authorise the team once in the console of Amazon Q in chat applications."""

    tenant_id: Uuid = Field(description="id of the tenant, which that console shows")
    team_id: Uuid = Field(description="id of the team, which that console shows")
    channel_id: TeamsChannelId = Field(description="id of the channel, which its link has")
