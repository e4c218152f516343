from collections.abc import Callable

import pytest
from aws_cdk.assertions import Template

from docs.recipes.zone_failover import fail_over_zones
from infra.parameters import Routing, Tasks
from tests.recipes.stacks import stack_of


@pytest.fixture
def attributes(template: Callable[[str], Template]) -> dict[str, str]:
    groups = template("zone-failover").find_resources("AWS::ElasticLoadBalancingV2::TargetGroup")
    (group,) = groups.values()
    return {pair["Key"]: pair["Value"] for pair in group["Properties"]["TargetGroupAttributes"]}


def test_requests_stay_in_their_zone(attributes: dict[str, str]) -> None:
    assert attributes["load_balancing.cross_zone.enabled"] == "false"


@pytest.mark.parametrize("failover", ["dns_failover", "unhealthy_state_routing"])
def test_a_zone_without_enough_healthy_tasks_is_given_up(attributes: dict[str, str], failover: str) -> None:
    assert attributes[f"target_group_health.{failover}.minimum_healthy_targets.count"] == "1"


def test_refuses_stickiness() -> None:
    stack = stack_of("test", tasks=Tasks(min=4), routing=Routing(sticky_s=60))
    with pytest.raises(ValueError, match=r"routing\.sticky_s is 60, but there is no stickiness"):
        fail_over_zones(stack, min_healthy_per_zone=1)


@pytest.mark.parametrize(("minimum", "needed"), [(1, 4), (2, 6), (0, 4)])
def test_refuses_a_minimum_that_one_failed_task_would_break(minimum: int, needed: int) -> None:
    problem = rf"is {minimum} and tasks.min 3 over 2 zones: .* set tasks.min to {needed} or more"
    with pytest.raises(ValueError, match=problem):
        fail_over_zones(stack_of("test", tasks=Tasks(min=3)), min_healthy_per_zone=minimum)
