"""Test the target group: health checks, draining, and how requests are shared among tasks."""

from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk.assertions import Template

from infra.parameters import HealthCheck, Routing, Timeouts
from tests.infra.parts import attributes, network, target_group

GROUP = "AWS::ElasticLoadBalancingV2::TargetGroup"


def template(stack: cdk.Stack, **changes: Any) -> Template:
    target_group(stack, network(stack), **changes)
    return Template.from_stack(stack)


def routing(stack: cdk.Stack, **choice: Any) -> dict[str, Any]:
    return attributes(template(stack, routing=Routing(**choice)), "TargetGroup")


def test_checks_health_on_the_health_path_every_ten_seconds(stack: cdk.Stack) -> None:
    template(stack).has_resource_properties(
        GROUP,
        {
            "Port": 8000,
            "Protocol": "HTTP",
            "TargetType": "ip",
            "HealthCheckPath": "/healthz",
            "HealthCheckIntervalSeconds": 10,
            "HealthCheckTimeoutSeconds": 5,
            "HealthyThresholdCount": 2,
            "UnhealthyThresholdCount": 3,
            "Matcher": {"HttpCode": "200"},
        },
    )


def test_the_health_path_is_the_teams_to_choose(stack: cdk.Stack) -> None:
    template(stack, health_check=HealthCheck(path="/up")).has_resource_properties(
        GROUP, {"HealthCheckPath": "/up"}
    )


def test_every_number_of_the_health_check_is_the_teams_to_choose(stack: cdk.Stack) -> None:
    check = HealthCheck(codes="200-204", interval_s=20, timeout_s=10, healthy_count=4, unhealthy_count=5)
    template(stack, health_check=check).has_resource_properties(
        GROUP,
        {
            "HealthCheckIntervalSeconds": 20,
            "HealthCheckTimeoutSeconds": 10,
            "HealthyThresholdCount": 4,
            "UnhealthyThresholdCount": 5,
            "Matcher": {"HttpCode": "200-204"},
        },
    )


def test_drains_for_as_long_as_the_longest_request(stack: cdk.Stack) -> None:
    made = attributes(template(stack, timeouts=Timeouts(longest_request_s=90)), "TargetGroup")
    assert made["deregistration_delay.timeout_seconds"] == "90"


def test_the_least_busy_task_gets_the_next_request(stack: cdk.Stack) -> None:
    assert routing(stack)["load_balancing.algorithm.type"] == "least_outstanding_requests"


def test_weighted_random_sends_less_to_tasks_that_fail(stack: cdk.Stack) -> None:
    made = routing(stack, algorithm="weighted_random")
    assert made["load_balancing.algorithm.type"] == "weighted_random"
    assert made["load_balancing.algorithm.anomaly_mitigation"] == "on"


@pytest.mark.parametrize("algorithm", ["least_outstanding_requests", "round_robin"])
def test_no_other_algorithm_knows_anomaly_mitigation(stack: cdk.Stack, algorithm: str) -> None:
    assert "load_balancing.algorithm.anomaly_mitigation" not in routing(stack, algorithm=algorithm)


def test_a_new_task_may_start_slowly(stack: cdk.Stack) -> None:
    made = routing(stack, algorithm="round_robin", slow_start_s=30)
    assert made["slow_start.duration_seconds"] == "30"


def test_a_client_may_stay_with_its_task(stack: cdk.Stack) -> None:
    made = routing(stack, sticky_s=3600)
    assert (made["stickiness.enabled"], made["stickiness.lb_cookie.duration_seconds"]) == ("true", "3600")


def test_no_client_stays_with_its_task_unless_asked(stack: cdk.Stack) -> None:
    assert routing(stack)["stickiness.enabled"] == "false"


def test_tls_may_go_on_to_the_tasks_with_the_health_check(stack: cdk.Stack) -> None:
    template(stack, tls=True, port=8443).has_resource_properties(
        GROUP, {"Protocol": "HTTPS", "Port": 8443, "HealthCheckProtocol": "HTTPS"}
    )
