import json
from typing import Any

import pytest
from aws_cdk.assertions import Match, Template

ALARM = "AWS::CloudWatch::Alarm"


def alarms(template: Template) -> dict[str, dict[str, Any]]:
    """Alarms by the name their construct has."""
    return {
        name: found["Properties"]
        for logical_id, found in template.find_resources(ALARM).items()
        for name in ("TargetErrors", "BalancerErrors", "Latency", "UnhealthyTasks", "TasksAtMax")
        if name in logical_id
    }


def test_watches_errors_latency_unhealthy_hosts_and_the_autoscalers_limit(template: Template) -> None:
    assert len(alarms(template)) == 5


def test_every_alarm_tells_the_topic_when_it_starts_and_when_it_ends(template: Template) -> None:
    for alarm in alarms(template).values():
        assert "Topic" in str(alarm["AlarmActions"])
        assert "Topic" in str(alarm["OKActions"])


def test_silence_is_not_an_alarm(template: Template) -> None:
    for alarm in alarms(template).values():
        assert alarm["TreatMissingData"] == "notBreaching"


def test_one_error_among_few_requests_is_no_error_rate(template: Template) -> None:
    expressions = [each.get("Expression") for each in alarms(template)["TargetErrors"]["Metrics"]]
    assert "IF(requests >= 20, 100 * FILL(errors, 0) / requests, 0)" in expressions


def test_two_bad_minutes_of_three_set_a_release_alarm_off(template: Template) -> None:
    for name in ("TargetErrors", "BalancerErrors", "Latency", "UnhealthyTasks"):
        alarm = alarms(template)[name]
        assert (alarm["EvaluationPeriods"], alarm["DatapointsToAlarm"]) == (3, 2)


@pytest.mark.parametrize(("name", "max_tasks"), [("dev", 2), ("staging", 4), ("prod", 10)])
def test_tells_when_there_is_no_task_left_to_add(
    templates: dict[str, Template], name: str, max_tasks: int
) -> None:
    alarm = alarms(templates[name])["TasksAtMax"]
    assert alarm["Threshold"] == max_tasks - 1
    assert alarm["ComparisonOperator"] == "GreaterThanThreshold"


@pytest.mark.parametrize("name", ["staging", "prod"])
def test_a_release_that_sets_an_alarm_off_is_rolled_back(templates: dict[str, Template], name: str) -> None:
    (service,) = templates[name].find_resources("AWS::ECS::Service").values()
    rollback = service["Properties"]["DeploymentConfiguration"]["Alarms"]
    assert (rollback["Enable"], rollback["Rollback"]) == (True, True)
    assert len(rollback["AlarmNames"]) == 4
    assert "TasksAtMax" not in str(rollback["AlarmNames"])


def test_dev_deployments_ignore_alarms(templates: dict[str, Template]) -> None:
    templates["dev"].has_resource_properties(
        "AWS::ECS::Service", {"DeploymentConfiguration": {"Alarms": Match.absent()}}
    )


def test_alarms_of_this_account_may_publish_to_the_topic(template: Template) -> None:
    template.has_resource_properties(
        "AWS::SNS::TopicPolicy",
        {
            "PolicyDocument": {
                "Statement": Match.array_with(
                    [
                        Match.object_like(
                            {
                                "Effect": "Allow",
                                "Action": "sns:Publish",
                                "Principal": {"Service": "cloudwatch.amazonaws.com"},
                                "Condition": {
                                    "StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}
                                },
                            }
                        )
                    ]
                )
            }
        },
    )


def test_the_dashboard_shows_every_alarm(template: Template) -> None:
    (dashboard,) = template.find_resources("AWS::CloudWatch::Dashboard").values()
    body = json.dumps(dashboard["Properties"]["DashboardBody"])
    for logical_id in template.find_resources(ALARM):
        assert logical_id in body
