"""Test that each number may be as low and as high as AWS takes it, and no lower or higher.

The limits of the first table are read from CloudFormation's own schema, as cfn-lint ships it. The second
table has limits that only AWS's documentation states, and those that we chose within them.
"""

from typing import Annotated, Any, get_args

import pytest
from cfnlint.schema import PROVIDER_SCHEMA_MANAGER
from pydantic import TypeAdapter, ValidationError

from infra.parameters import (
    Alarms,
    BlueGreen,
    Canary,
    DatabaseBudget,
    Environment,
    ExistingLoadBalancer,
    HealthCheck,
    Linear,
    NatGateways,
    NewLoadBalancer,
    Parameters,
    Pipeline,
    Rolling,
    Routing,
    ScalingTargets,
    Schedule,
    SharedLoadBalancer,
    Sidecar,
    Tasks,
    Timeouts,
    Waf,
)
from infra.parameters.formats import LogDays

Model = type[Parameters]
FOREVER = None
TARGET_GROUP, RULE = "AWS::ElasticLoadBalancingV2::TargetGroup", "AWS::ElasticLoadBalancingV2::ListenerRule"


def schema(resource: str, *path: str) -> dict[str, Any]:
    """Return a part of CloudFormation's schema of a resource."""
    part: Any = PROVIDER_SCHEMA_MANAGER.get_resource_schema("us-east-1", resource).schema
    for key in path:
        part = part[key]
    return dict(part)


def takes(model: Model, field: str, value: float) -> bool:
    info = model.model_fields[field]
    kind: Any = Annotated[info.annotation, info]
    try:
        TypeAdapter(kind).validate_python(value, strict=True)
    except ValidationError:
        return False
    return True


@pytest.mark.parametrize(
    ("model", "field", "resource", "path"),
    [
        (HealthCheck, "interval_s", TARGET_GROUP, ("properties", "HealthCheckIntervalSeconds")),
        (HealthCheck, "timeout_s", TARGET_GROUP, ("properties", "HealthCheckTimeoutSeconds")),
        (HealthCheck, "healthy_count", TARGET_GROUP, ("properties", "HealthyThresholdCount")),
        (HealthCheck, "unhealthy_count", TARGET_GROUP, ("properties", "UnhealthyThresholdCount")),
        (ExistingLoadBalancer, "rule_priority", RULE, ("properties", "Priority")),
        (SharedLoadBalancer, "rule_priority", RULE, ("properties", "Priority")),
        (Waf, "requests_per_5_minutes", "AWS::WAFv2::WebACL", ("definitions", "RateLimit")),
        (BlueGreen, "test_port", TARGET_GROUP, ("properties", "Port")),
        (
            BlueGreen,
            "bake_minutes",
            "AWS::ECS::Service",
            ("definitions", "DeploymentConfiguration", "properties", "BakeTimeInMinutes"),
        ),
    ],
)
def test_takes_all_that_cloudformation_takes(
    model: Model, field: str, resource: str, path: tuple[str, ...]
) -> None:
    limits = schema(resource, *path)
    least, most = limits["minimum"], limits["maximum"]
    assert [takes(model, field, value) for value in (least - 1, least, most, most + 1)] == [
        False,
        True,
        True,
        False,
    ]


@pytest.mark.parametrize(
    ("model", "field", "least", "most"),
    [
        # https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-task-storage.html
        (Tasks, "ephemeral_storage_gib", 21, 200),
        # https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-quotas.html, below the quota
        (Tasks, "min", 1, 1000),
        (Tasks, "max", 1, 1000),
        (Tasks, "workers", 1, FOREVER),
        (Tasks, "threads", 1, FOREVER),
        (Tasks, "worker_mib", 16, FOREVER),
        # https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_definition_parameters.html
        (Timeouts, "longest_request_s", 5, 120),
        # https://docs.aws.amazon.com/autoscaling/application/APIReference/API_ScalableTargetAction.html
        (Schedule, "min", 0, 1000),
        (Schedule, "max", 0, 1000),
        (ScalingTargets, "saturation_percent", 10, 95),
        (ScalingTargets, "cpu_percent", 10, 90),
        (ScalingTargets, "memory_percent", 10, 90),
        (ScalingTargets, "requests_per_task_per_minute", 1, FOREVER),
        (ScalingTargets, "out_cooldown_s", 0, FOREVER),
        (ScalingTargets, "in_cooldown_s", 0, FOREVER),
        # https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-load-balancer-attributes.html
        (NewLoadBalancer, "client_keep_alive_s", 60, 604800),
        (NewLoadBalancer, "log_days", 1, FOREVER),
        (ExistingLoadBalancer, "idle_timeout_s", 1, 4000),
        # https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-target-group-attributes.html
        (Routing, "sticky_s", 1, 604800),
        (Routing, "slow_start_s", 0, 900),
        (HealthCheck, "grace_s", 0, 7200),
        # https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-circuit-breaker.html
        (Rolling, "failures_allowed", 1, 200),
        # https://docs.aws.amazon.com/AmazonECS/latest/developerguide/canary-deployment.html; we allow at most
        # half of the requests, because more would be no canary.
        (Canary, "percent", 1, 50),
        (Canary, "step_minutes", 1, 1440),
        (Linear, "percent", 3, 50),
        (Linear, "step_minutes", 1, 1440),
        # https://docs.aws.amazon.com/lambda/latest/dg/configuration-timeout.html, minus a minute to report
        (Environment, "release_timeout_s", 10, 840),
        (Environment, "trace_percent", 0, 100),
        (Alarms, "monthly_budget_usd", 1, FOREVER),
        (DatabaseBudget, "max_connections", 1, FOREVER),
        (DatabaseBudget, "pool_size", 1, FOREVER),
        (DatabaseBudget, "reserved", 0, FOREVER),
        (NatGateways, "count", 1, FOREVER),
        (Pipeline, "releases_kept", 10, 1000),
        # Docker starts no container with less memory.
        (Sidecar, "memory_mib", 6, FOREVER),
    ],
)
def test_takes_its_least_and_its_most_and_nothing_beyond(
    model: Model, field: str, least: int, most: int | None
) -> None:
    assert takes(model, field, least)
    assert not takes(model, field, least - 1)
    if most is FOREVER:
        assert takes(model, field, 10**9)
    else:
        assert takes(model, field, most)
        assert not takes(model, field, most + 1)


@pytest.mark.parametrize(
    ("model", "field"),
    [(ScalingTargets, "response_time_s"), (Alarms, "p95_latency_s"), (Alarms, "error_percent")],
)
def test_a_share_or_a_time_may_be_small_but_not_nothing(model: Model, field: str) -> None:
    assert takes(model, field, 0.001)
    assert not takes(model, field, 0.0)


def test_at_most_all_answers_may_be_errors() -> None:
    assert takes(Alarms, "error_percent", 100.0)
    assert not takes(Alarms, "error_percent", 100.1)


@pytest.mark.parametrize(("count", "taken"), [(1, False), (2, True), (6, True), (7, False)])
def test_an_environment_is_in_two_to_six_zones(count: int, taken: bool) -> None:
    zones = tuple(f"us-east-1{letter}" for letter in "abcdefg"[:count])
    values = {"name": "test", "region": "us-east-1", "availability_zones": zones}
    try:
        Environment.model_validate(values)
    except ValidationError:
        assert not taken
    else:
        assert taken


def test_logs_are_kept_for_as_long_as_cloudwatch_offers() -> None:
    assert get_args(LogDays)
    assert {*get_args(LogDays)} <= {*schema("AWS::Logs::LogGroup", "properties", "RetentionInDays")["enum"]}
