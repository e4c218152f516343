"""Test that parts of an environment that cannot work together are refused in words the team knows."""

from typing import Any

import pytest
from pydantic import ValidationError

from infra.parameters import (
    Alarms,
    BlueGreen,
    Canary,
    CloudFront,
    Domain,
    Environment,
    ExistingLoadBalancer,
    ExistingVpc,
    HealthCheck,
    InsideVpc,
    Linear,
    NatGateways,
    NewLoadBalancer,
    NewVpc,
    Routing,
    ScalingTargets,
    Schedule,
    SharedLoadBalancer,
    Waf,
    explain,
)
from tests.infra.test_shared_load_balancer import BY_IDS

ZONE: dict[str, Any] = {"hosted_zone_id": "Z1", "hosted_zone_name": "test.dev"}
DOMAIN = Domain(name="app.test.dev", **ZONE)
EDGE = NewLoadBalancer(ingress=CloudFront(certificate_arn="arn:aws:acm:us-east-1:1:certificate/1"))
PRIVATE = ("subnet-000000a2", "subnet-000000b2")


def vpc(**changes: Any) -> ExistingVpc:
    return ExistingVpc(
        **{"vpc_id": "vpc-0000000a", "cidr": "10.0.0.0/16", "private_subnet_ids": PRIVATE, **changes}
    )


def existing(**changes: Any) -> ExistingLoadBalancer:
    return BY_IDS.model_copy(update=changes)


@pytest.mark.parametrize(
    ("values", "problem"),
    [
        (
            {"network": NewVpc(egress=NatGateways(count=3))},
            "network.egress.count is 3, but there are only 2 availability_zones",
        ),
        (
            {"network": vpc(private_subnet_ids=("subnet-000000a2",))},
            "network.private_subnet_ids has 1 ids for 2 availability_zones",
        ),
        (
            {"network": vpc()},
            "network.public_subnet_ids is empty, but load_balancer.ingress is Internet",
        ),
        (
            {
                "network": vpc(private_subnet_ids=(), public_subnet_ids=PRIVATE, tasks_in="public"),
                "load_balancer": NewLoadBalancer(ingress=InsideVpc()),
            },
            "network.private_subnet_ids is empty, but load_balancer.ingress is InsideVpc",
        ),
        (
            {"domain": Domain(name="app.test.dev")},
            "domain 'app.test.dev' has no certificate: set certificate_arns, or hosted_zone_id",
        ),
        (
            {"deployment": Canary(), "scaling": ScalingTargets(requests_per_task_per_minute=100)},
            "deployment is Canary and scaling.requests_per_task_per_minute is 100, but its metric is of one",
        ),
        (
            {"deployment": BlueGreen(), "scaling": ScalingTargets(response_time_s=1.0)},
            "deployment is BlueGreen and scaling.response_time_s is 1.0",
        ),
        (
            {"deployment": Linear(), "alarms": Alarms(roll_back_deployments=False)},
            "deployment is Linear and alarms.roll_back_deployments is False, so nothing would roll back",
        ),
        (
            {"deployment": Canary(step_minutes=1440, bake_minutes=541)},
            r"deployment is Canary and takes 1981 minutes .* refuses more than 1980 \(33 hours\)",
        ),
        (
            {"deployment": Linear(percent=25, step_minutes=600, bake_minutes=181)},
            "deployment is Linear and takes 1981 minutes with its steps",
        ),
        (
            {"deployment": Linear(percent=11, step_minutes=219, bake_minutes=10)},
            "deployment is Linear and takes 1981 minutes with its steps",
        ),
        (
            {"deployment": BlueGreen(test_port=443)},
            "deployment.test_port is 443, which is for users",
        ),
        (
            {
                "deployment": BlueGreen(test_port=8443),
                "load_balancer": SharedLoadBalancer(owner="other", rule_priority=1),
                "domain": DOMAIN,
            },
            "deployment.test_port is 8443, but a shared load balancer gets no second listener",
        ),
        (
            {
                "scaling": ScalingTargets(
                    schedules=(Schedule(name="night", cron="0 20 * * ? *", min=0, max=0),)
                ),
                "alarms": Alarms(email="ops@test.dev"),
            },
            "scaling.schedules leave no task at times, and alarms.email is 'ops@test.dev'",
        ),
        ({"load_balancer": EDGE}, "load_balancer.ingress is CloudFront, which reaches the load balancer by"),
        (
            {"load_balancer": EDGE, "domain": DOMAIN, "longest_request_s": 56},
            "longest_request_s is 56, but CloudFront answers 504 after 60 s: set it to 55 or less",
        ),
        (
            {
                "load_balancer": EDGE,
                "domain": DOMAIN,
                "region": "af-south-1",
                "availability_zones": ("af-south-1a", "af-south-1b"),
            },
            "its addresses in region 'af-south-1' are not known",
        ),
        (
            {"load_balancer": EDGE, "domain": DOMAIN},
            "whose load balancer belongs in private subnets, but network.egress is PublicIps, without any",
        ),
        (
            {
                "load_balancer": existing(),
                "network": vpc(),
                "domain": Domain(name="a.test.dev", aliases=tuple(f"{x}.test.dev" for x in "bcdef")),
            },
            "domain has 6 names, but the rule on a shared load balancer takes 5",
        ),
        (
            {"load_balancer": existing(), "domain": DOMAIN},
            "load_balancer is an existing one and network is new",
        ),
        (
            {"load_balancer": existing(), "network": vpc()},
            "a shared load balancer tells services apart by it",
        ),
        (
            {"load_balancer": existing(idle_timeout_s=30), "network": vpc(), "domain": DOMAIN},
            r"load_balancer.idle_timeout_s is 30, not above longest_request_s \(30\)",
        ),
        (
            {"load_balancer": SharedLoadBalancer(owner="test", rule_priority=1), "domain": DOMAIN},
            "load_balancer.owner is 'test' itself",
        ),
        (
            {
                "load_balancer": SharedLoadBalancer(owner="other", rule_priority=1),
                "domain": DOMAIN,
                "network": NewVpc(),
            },
            "load_balancer is shared with 'other', whose network comes with it: remove network",
        ),
    ],
)
def test_refuses(values: dict[str, Any], problem: str) -> None:
    with pytest.raises(ValidationError, match=problem):
        Environment(name="test", **values)


@pytest.mark.parametrize(
    "values",
    [
        {"network": NewVpc(egress=NatGateways(count=2))},
        {
            "load_balancer": existing(),
            "network": vpc(),
            "domain": Domain(name="a.test.dev", aliases=tuple(f"{x}.test.dev" for x in "bcde")),
        },
        {"load_balancer": existing(idle_timeout_s=31), "network": vpc(), "domain": DOMAIN},
        {
            "load_balancer": EDGE,
            "domain": DOMAIN,
            "network": NewVpc(egress=NatGateways(count=1)),
            "longest_request_s": 55,
        },
        {"load_balancer": EDGE, "domain": DOMAIN, "network": vpc()},
        {
            "load_balancer": NewLoadBalancer(
                ingress=CloudFront(certificate_arn="arn:aws:acm:us-east-1:1:certificate/1", private=False)
            ),
            "domain": DOMAIN,
        },
        {"deployment": Linear(percent=50, step_minutes=1440, bake_minutes=540)},
    ],
)
def test_takes_all_that_just_fits(values: dict[str, Any]) -> None:
    made = Environment(name="test", **values)
    assert {name: getattr(made, name) for name in values} == values


def test_a_slow_start_and_a_health_check_may_be_as_short_as_load_balancers_take_them() -> None:
    assert Routing(algorithm="round_robin", slow_start_s=30).slow_start_s == 30
    assert HealthCheck(timeout_s=9, interval_s=10).timeout_s == 9


@pytest.mark.parametrize("cidr", ["10.0.0.0/16", "10.0.0.0/22"])
def test_takes_the_largest_and_the_smallest_network(cidr: str) -> None:
    assert NewVpc(cidr=cidr).cidr == cidr


def test_refuses_a_waf_that_would_see_cloudfront_instead_of_clients() -> None:
    with pytest.raises(ValidationError, match="remove waf and give ingress a web_acl_arn"):
        NewLoadBalancer(ingress=EDGE.ingress, waf=Waf())


def test_refuses_slow_start_with_an_algorithm_that_has_none() -> None:
    with pytest.raises(
        ValidationError, match="slow_start_s is 30, which load balancers offer with round_robin"
    ):
        Routing(slow_start_s=30)


@pytest.mark.parametrize("slow_start_s", [1, 29])
def test_refuses_a_slow_start_too_short_for_a_load_balancer(slow_start_s: int) -> None:
    with pytest.raises(
        ValidationError, match=f"slow_start_s is {slow_start_s}: set it to 0, or to 30 to 900"
    ):
        Routing(algorithm="round_robin", slow_start_s=slow_start_s)


def test_refuses_a_health_check_that_overtakes_itself() -> None:
    with pytest.raises(ValidationError, match=r"timeout_s \(10\) is not below interval_s \(10\)"):
        HealthCheck(timeout_s=10)


def test_refuses_an_existing_vpc_without_subnets_for_tasks() -> None:
    with pytest.raises(ValidationError, match="tasks_in is 'public', but public_subnet_ids is empty"):
        vpc(tasks_in="public")


@pytest.mark.parametrize("cidr", ["10.0.0.0/8", "10.0.0.0/23", "2001:db8::/32"])
def test_refuses_a_network_that_is_too_large_too_small_or_not_ipv4(cidr: str) -> None:
    with pytest.raises(ValidationError) as caught:
        NewVpc(cidr=cidr)
    assert f"NewVpc.cidr: must be an IPv4 network of /16 to /22, but '{cidr}' was given" in explain(
        caught.value
    )


def test_refuses_a_certificate_for_cloudfront_from_another_region() -> None:
    with pytest.raises(ValidationError) as caught:
        CloudFront(certificate_arn="arn:aws:acm:eu-west-1:123456789012:certificate/1")
    assert "must be the ARN of a certificate in ACM in us-east-1" in explain(caught.value)
