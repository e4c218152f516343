"""Test that channels of Slack and Teams get what the mail gets, and that nobody changes anything there."""

import json
from typing import Any

import pytest
from aws_cdk.assertions import Template
from pydantic import ValidationError

from infra.application import build_app
from infra.parameters import Alarms, Environment, SlackChannel, TeamsChannel, taken_twice
from infra.parameters.preview_names import PREVIEW_BOUNDARY
from tests.infra.configured import template_of

UUID = "12345678-1234-1234-1234-123456789012"
SLACK = SlackChannel(workspace_id="T0123456789", channel_id="C0123456789")
TEAMS = TeamsChannel(
    tenant_id=UUID, team_id=UUID, channel_id="19%3ab6ef35dc342d56ba5654e6fc6d25a071%40thread.tacv2"
)
KINDS = ("AWS::Chatbot::SlackChannelConfiguration", "AWS::Chatbot::MicrosoftTeamsChannelConfiguration")


@pytest.fixture(scope="module")
def template() -> Template:
    """Return an environment whose alarms go to both."""
    return template_of(alarms=Alarms(slack=SLACK, teams=TEAMS))


def _channels(template: Template) -> list[dict[str, Any]]:
    return [each["Properties"] for kind in KINDS for each in template.find_resources(kind).values()]


def test_each_channel_gets_the_topic_of_the_alarms(template: Template) -> None:
    slack, teams = _channels(template)
    assert (slack["SlackWorkspaceId"], slack["SlackChannelId"]) == ("T0123456789", "C0123456789")
    assert (teams["TeamsTenantId"], teams["TeamId"], teams["TeamsChannelId"]) == (
        UUID,
        UUID,
        TEAMS.channel_id,
    )
    [alarm, *_] = template.find_resources("AWS::CloudWatch::Alarm").values()
    for channel in (slack, teams):
        assert alarm["Properties"]["AlarmActions"][0] in channel["SnsTopicArns"]


def test_another_workspace_or_team_gets_a_configuration_of_another_name(template: Template) -> None:
    others = Alarms(
        slack=SLACK.model_copy(update={"workspace_id": "T1"}),
        teams=TEAMS.model_copy(update={"tenant_id": UUID.replace("1", "2")}),
    )
    names = [each["ConfigurationName"] for each in _channels(template)]
    renamed = [each["ConfigurationName"] for each in _channels(template_of(alarms=others))]
    assert not set(names) & set(renamed)


def test_nobody_may_do_more_from_a_channel_than_read_metrics(template: Template) -> None:
    for channel in _channels(template):
        [guardrail] = channel["GuardrailPolicies"]
        assert str(guardrail).count("CloudWatchReadOnlyAccess") == 1
        role = channel["IamRoleArn"]["Fn::GetAtt"][0]
        granted = [
            statement
            for policy in template.find_resources("AWS::IAM::Policy").values()
            if {"Ref": role} in policy["Properties"]["Roles"]
            for statement in policy["Properties"]["PolicyDocument"]["Statement"]
        ]
        [actions] = [each["Action"] for each in granted]
        assert actions == ["cloudwatch:Describe*", "cloudwatch:Get*", "cloudwatch:List*"]


def test_a_failed_deployment_is_told_in_the_form_that_channels_show(template: Template) -> None:
    rules = template.find_resources("AWS::Events::Rule")
    [rule] = [each for name, each in rules.items() if "DeploymentFailed" in name]
    mail, chat = rule["Properties"]["Targets"]
    assert '"A deployment of test failed. First' in mail["InputTransformer"]["InputTemplate"]
    # https://docs.aws.amazon.com/chatbot/latest/adminguide/custom-notifs.html
    said = json.loads(chat["InputTransformer"]["InputTemplate"].replace("<detail-reason>", ""))
    assert (said["version"], said["source"]) == ("1.0", "custom")
    assert said["content"]["title"] == "A deployment of test failed"
    topics = [each["SnsTopicArns"] for each in _channels(template)]
    assert all(chat["Arn"] in each for each in topics)


def test_without_a_channel_there_is_none() -> None:
    assert "Chatbot" not in json.dumps(template_of().to_json())


@pytest.mark.parametrize(
    ("kind", "given", "says"),
    [
        (
            SlackChannel,
            {"workspace_id": "t0", "channel_id": "C0"},
            "the id of a workspace such as T0123456789",
        ),
        (
            SlackChannel,
            {"workspace_id": "T0", "channel_id": "#ops"},
            "the id of a channel such as C0123456789",
        ),
        (TeamsChannel, {**TEAMS.model_dump(), "channel_id": "19:a@thread"}, "as its link has it"),
        (TeamsChannel, {**TEAMS.model_dump(), "team_id": "ops"}, "an id such as 12345678-"),
    ],
)
def test_an_id_that_aws_would_refuse_is_refused(kind: Any, given: dict[str, str], says: str) -> None:
    with pytest.raises(ValidationError, match=says):
        kind(**given)


def test_a_preview_may_not_have_one() -> None:
    with pytest.raises(ValueError, match=r"alarms\.slack is set in a preview"):
        template_of(alarms=Alarms(slack=SLACK), permissions_boundary=PREVIEW_BOUNDARY)


def _of(name: str, account: str | None = None, **alarms: Any) -> Environment:
    return Environment(name=name, account=account, alarms=Alarms(**alarms))


def test_two_environments_of_an_account_cannot_have_one_channel() -> None:
    sentence = taken_twice([_of("a", slack=SLACK), _of("b", slack=SLACK)])
    assert sentence
    assert "alarms.slack of a and of b is the channel C0123456789" in sentence
    assert taken_twice([_of("a", teams=TEAMS), _of("b", teams=TEAMS)])
    assert taken_twice([_of("a", slack=SLACK), _of("b", teams=TEAMS), _of("c")]) is None
    assert taken_twice([_of("a", "1" * 12, slack=SLACK), _of("b", "2" * 12, slack=SLACK)]) is None


def test_a_synth_refuses_a_channel_that_is_taken() -> None:
    with pytest.raises(ValueError, match=r"infra/environments\.py: alarms\.slack of a and of b"):
        build_app(_of("a", slack=SLACK), _of("b", slack=SLACK))
