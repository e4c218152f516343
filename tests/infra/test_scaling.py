"""Test what the autoscaler tracks, the bounds it keeps, and the targets that are refused."""

from typing import Any

import pytest
from aws_cdk.assertions import Match, Template
from pydantic import ValidationError

from infra.application import empty_app
from infra.contract.metrics import DIMENSION, NAMESPACE
from infra.parameters import Environment, ScalingTargets, Schedule, explain
from infra.stack import WebStack

POLICY = "AWS::ApplicationAutoScaling::ScalingPolicy"
TARGET = "AWS::ApplicationAutoScaling::ScalableTarget"
NIGHT = Schedule(name="night", cron="0 20 ? * MON-FRI *", min=0, max=0)


def scaled(**targets: Any) -> Template:
    environment = Environment(name="test", scaling=ScalingTargets(**targets))
    return Template.from_stack(WebStack(empty_app(), "Web-test", environment=environment))


def tracking(template: Template) -> list[dict[str, Any]]:
    return [
        found["Properties"]["TargetTrackingScalingPolicyConfiguration"]
        for found in template.find_resources(
            POLICY, {"Properties": {"PolicyType": "TargetTrackingScaling"}}
        ).values()
    ]


def predefined(template: Template, metric: str) -> dict[str, Any]:
    (only,) = (
        each
        for each in tracking(template)
        if each.get("PredefinedMetricSpecification", {}).get("PredefinedMetricType") == metric
    )
    return only


def customized(template: Template, metric: str) -> dict[str, Any]:
    (only,) = (
        each
        for each in tracking(template)
        if each.get("CustomizedMetricSpecification", {}).get("MetricName") == metric
    )
    return only


@pytest.mark.parametrize(
    ("name", "min_tasks", "max_tasks"), [("dev", 1, 2), ("staging", 2, 4), ("prod", 2, 10)]
)
def test_keeps_between_the_fewest_and_the_most_tasks(
    templates: dict[str, Template], name: str, min_tasks: int, max_tasks: int
) -> None:
    templates[name].has_resource_properties(TARGET, {"MinCapacity": min_tasks, "MaxCapacity": max_tasks})


def test_tracks_the_services_own_busy_threads(templates: dict[str, Template]) -> None:
    saturation = customized(templates["prod"], "Saturation")
    assert saturation["TargetValue"] == 70
    assert saturation["CustomizedMetricSpecification"] == {
        "Namespace": NAMESPACE,
        "MetricName": "Saturation",
        "Dimensions": [{"Name": DIMENSION, "Value": "prod"}],
        "Statistic": "Average",
        "Unit": "Percent",
    }


def test_tracks_the_tasks_cpu_beside_it(templates: dict[str, Template]) -> None:
    cpu = predefined(templates["prod"], "ECSServiceAverageCPUUtilization")
    assert (cpu["TargetValue"], cpu["ScaleOutCooldown"], cpu["ScaleInCooldown"]) == (60, 60, 300)


def test_tracks_nothing_else_unless_asked(template: Template) -> None:
    template.resource_count_is(POLICY, 2)


def test_names_no_role_that_a_fresh_account_lacks(template: Template) -> None:
    for target in template.find_resources(TARGET).values():
        assert "RoleARN" not in target["Properties"]


def test_no_deployment_sets_the_number_of_tasks(template: Template) -> None:
    template.has_resource_properties("AWS::ECS::Service", {"DesiredCount": Match.absent()})


def test_may_track_memory() -> None:
    assert predefined(scaled(memory_percent=80), "ECSServiceAverageMemoryUtilization")["TargetValue"] == 80


def test_may_track_requests_of_each_task() -> None:
    requests = predefined(scaled(requests_per_task_per_minute=1000), "ALBRequestCountPerTarget")
    assert requests["TargetValue"] == 1000
    assert "Targets" in str(requests["PredefinedMetricSpecification"]["ResourceLabel"])


def test_may_track_the_response_time() -> None:
    assert customized(scaled(response_time_s=0.5), "TargetResponseTime")["TargetValue"] == 0.5


def test_pauses_as_long_as_asked_after_each_change() -> None:
    policies = tracking(scaled(out_cooldown_s=10, in_cooldown_s=900))
    assert {(policy["ScaleOutCooldown"], policy["ScaleInCooldown"]) for policy in policies} == {(10, 900)}


def test_may_read_cpu_and_memory_every_twenty_seconds() -> None:
    made = scaled(fast_metrics=True, memory_percent=80)
    made.has_resource_properties(
        "AWS::ECS::Service",
        {
            "Monitoring": {
                "MetricConfigurations": [
                    {"MetricNames": ["CPUUtilization", "MemoryUtilization"], "ResolutionSeconds": 20}
                ]
            }
        },
    )
    assert predefined(made, "ECSServiceAverageCPUUtilizationHighResolution")["TargetValue"] == 60
    assert predefined(made, "ECSServiceAverageMemoryUtilizationHighResolution")["TargetValue"] == 80


@pytest.mark.parametrize(("predict", "mode"), [("forecast", "ForecastOnly"), ("scale", "ForecastAndScale")])
def test_may_look_ahead(predict: str, mode: str) -> None:
    scaled(predict=predict).has_resource_properties(
        POLICY,
        {
            "PolicyType": "PredictiveScaling",
            "PredictiveScalingPolicyConfiguration": Match.object_like({"Mode": mode}),
        },
    )


def test_keeps_other_bounds_at_other_times() -> None:
    scaled(schedules=(NIGHT,), time_zone="Europe/Berlin").has_resource_properties(
        TARGET,
        {
            "ScheduledActions": [
                {
                    "ScheduledActionName": "night",
                    "Schedule": "cron(0 20 ? * MON-FRI *)",
                    "Timezone": "Europe/Berlin",
                    "ScalableTargetAction": {"MinCapacity": 0, "MaxCapacity": 0},
                }
            ]
        },
    )


@pytest.mark.parametrize(
    ("targets", "problem"),
    [
        (
            {"saturation_percent": None, "cpu_percent": None},
            "there is no target to keep: set one of saturation",
        ),
        ({"cpu_percent": None, "fast_metrics": True}, "fast_metrics needs cpu_percent or memory_percent"),
        (
            {"cpu_percent": None, "predict": "scale"},
            "predict is 'scale', which forecasts CPU",
        ),
        ({"schedules": (NIGHT, NIGHT)}, "schedules are called night, night: give each a name of its own"),
        ({"time_zone": "Berlin"}, "must be a time zone such as Europe/Berlin, but 'Berlin' was given"),
    ],
)
def test_refuses_targets_that_cannot_be_kept(targets: dict[str, Any], problem: str) -> None:
    with pytest.raises(ValidationError) as caught:
        ScalingTargets(**targets)
    assert problem in explain(caught.value)


@pytest.mark.parametrize(
    ("schedule", "problem"),
    [
        ({"min": 2, "max": 1}, "min (2) is more than max (1)"),
        ({"cron": "0 20 * * *"}, "must be six fields such as '0 20 ? * MON-FRI *'"),
        ({"name": "At night"}, "must be lower-case letters, digits and '-'"),
    ],
)
def test_refuses_a_schedule_that_says_nothing(schedule: dict[str, Any], problem: str) -> None:
    with pytest.raises(ValidationError) as caught:
        Schedule(**{**dict(NIGHT), **schedule})
    assert problem in explain(caught.value)
