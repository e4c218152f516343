from collections.abc import Callable

import pytest
from aws_cdk.assertions import Template

from docs.recipes.capacity_reservation import reserve_capacity
from infra.parameters import ExistingLoadBalancer, ExistingVpc
from tests.recipes.stacks import HTTPS, stack_of


def test_the_load_balancer_never_gets_smaller_than_what_is_reserved(
    template: Callable[[str], Template],
) -> None:
    template("capacity-reservation").has_resource_properties(
        "AWS::ElasticLoadBalancingV2::LoadBalancer", {"MinimumLoadBalancerCapacity": {"CapacityUnits": 100}}
    )


def test_refuses_fewer_units_than_aws_sells() -> None:
    with pytest.raises(ValueError, match="units is 99: AWS reserves 100 or more"):
        reserve_capacity(stack_of("test"), units=99)


def test_refuses_a_load_balancer_of_somebody_else() -> None:
    arn = "arn:aws:elasticloadbalancing:eu-west-1:123456789012"
    stack = stack_of(
        "test",
        **HTTPS,
        network=ExistingVpc(
            vpc_id="vpc-12345678",
            cidr="10.0.0.0/16",
            private_subnet_ids=("subnet-11111111", "subnet-22222222"),
        ),
        load_balancer=ExistingLoadBalancer(
            arn=f"{arn}:loadbalancer/app/theirs/1",
            security_group_id="sg-12345678",
            https_listener_arn=f"{arn}:listener/app/theirs/1/2",
            rule_priority=7,
            dns_name="theirs.elb.amazonaws.com",
            canonical_hosted_zone_id="Z2",
        ),
    )
    with pytest.raises(ValueError, match="environment 'test' uses the load balancer of another owner"):
        reserve_capacity(stack, units=100)
