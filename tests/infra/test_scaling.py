from typing import Any

import pytest
from aws_cdk.assertions import Match, Template

POLICY = "AWS::ApplicationAutoScaling::ScalingPolicy"


def policy(template: Template, metric: str) -> dict[str, Any]:
    configurations = [
        found["Properties"]["TargetTrackingScalingPolicyConfiguration"]
        for found in template.find_resources(POLICY).values()
    ]
    (only,) = (
        each
        for each in configurations
        if each["PredefinedMetricSpecification"]["PredefinedMetricType"] == metric
    )
    return dict(only)


@pytest.mark.parametrize(
    ("name", "min_tasks", "max_tasks"), [("dev", 1, 2), ("staging", 2, 4), ("prod", 2, 10)]
)
def test_keeps_between_the_fewest_and_the_most_tasks(
    templates: dict[str, Template], name: str, min_tasks: int, max_tasks: int
) -> None:
    templates[name].has_resource_properties(
        "AWS::ApplicationAutoScaling::ScalableTarget", {"MinCapacity": min_tasks, "MaxCapacity": max_tasks}
    )


def test_tracks_the_tasks_cpu(templates: dict[str, Template]) -> None:
    cpu = policy(templates["prod"], "ECSServiceAverageCPUUtilization")
    assert (cpu["TargetValue"], cpu["ScaleOutCooldown"], cpu["ScaleInCooldown"]) == (60, 60, 300)


def test_tracks_requests_per_task_of_this_target_group(templates: dict[str, Template]) -> None:
    requests = policy(templates["prod"], "ALBRequestCountPerTarget")
    assert requests["TargetValue"] == 1000
    assert "Targets" in str(requests["PredefinedMetricSpecification"]["ResourceLabel"])


def test_nothing_else_decides_the_number_of_tasks(template: Template) -> None:
    template.resource_count_is(POLICY, 2)
    template.has_resource_properties("AWS::ECS::Service", {"DesiredCount": Match.absent()})
