from collections.abc import Callable
from typing import Any

import pytest
from aws_cdk.assertions import Template

from docs.recipes.static_ips import give_static_ips
from infra.parameters import ExistingVpc, InsideVpc, NatGateways, NewLoadBalancer, NewVpc
from tests.recipes.stacks import HTTPS, INSIDE, stack_of

GROUP = "AWS::EC2::SecurityGroup"


@pytest.fixture
def made(template: Callable[[str], Template]) -> Template:
    return template("static-ips")


def of_type(made: Template, kind: str, **properties: object) -> dict[str, dict[str, Any]]:
    found = made.find_resources(kind, {"Properties": properties})
    return {name: resource["Properties"] for name, resource in found.items()}


def test_each_zone_has_an_address_that_outlives_the_stack(made: Template) -> None:
    (front,) = of_type(made, "AWS::ElasticLoadBalancingV2::LoadBalancer", Type="network").values()
    addresses = [mapping["AllocationId"]["Fn::GetAtt"][0] for mapping in front["SubnetMappings"]]
    assert front["Scheme"] == "internet-facing"
    assert addresses == ["StaticIp1", "StaticIp2"]
    assert {made.find_resources("AWS::EC2::EIP")[each]["DeletionPolicy"] for each in addresses} == {"Retain"}


def test_passes_https_and_http_on_to_the_load_balancer(made: Template) -> None:
    groups = of_type(made, "AWS::ElasticLoadBalancingV2::TargetGroup", TargetType="alb").values()
    assert {(group["Port"], group["Protocol"], group["HealthCheckProtocol"]) for group in groups} == {
        (443, "TCP", "HTTPS"),
        (80, "TCP", "HTTP"),
    }
    # AWS lets no attribute be set: https://docs.aws.amazon.com/elasticloadbalancing/latest/network/application-load-balancer-target.html
    assert all("TargetGroupAttributes" not in group for group in groups)


def test_the_load_balancer_admits_nobody_else(made: Template) -> None:
    ((name, group),) = (
        (name, group) for name, group in of_type(made, GROUP).items() if "LoadBalancerGroup" in name
    )
    assert "SecurityGroupIngress" not in group
    rules = [
        rule
        for rule in of_type(made, "AWS::EC2::SecurityGroupIngress").values()
        if rule["GroupId"]["Fn::GetAtt"][0] == name
    ]
    assert {rule["FromPort"] for rule in rules} == {443, 80}
    assert {rule["SourceSecurityGroupId"]["Fn::GetAtt"][0][:14] for rule in rules} == {"StaticIpsGroup"}


def test_dns_points_to_it(made: Template) -> None:
    (record,) = of_type(made, "AWS::Route53::RecordSet").values()
    assert record["AliasTarget"]["DNSName"]["Fn::GetAtt"][0].startswith("StaticIps")
    assert record["AliasTarget"]["HostedZoneId"]["Fn::GetAtt"][0].startswith("StaticIps")


def test_the_app_counts_as_many_proxies_as_before(made: Template) -> None:
    (task,) = of_type(made, "AWS::ECS::TaskDefinition").values()
    assert {"Name": "PROXY_HOPS", "Value": "2"} in task["ContainerDefinitions"][0]["Environment"]


def test_waits_for_the_way_to_the_internet(made: Template) -> None:
    kind = "AWS::ElasticLoadBalancingV2::LoadBalancer"
    (front,) = made.find_resources(kind, {"Properties": {"Type": "network"}}).values()
    assert [each for each in front["DependsOn"] if "DefaultRoute" in each]


def test_admits_only_the_networks_that_are_named() -> None:
    stack = stack_of("test", **INSIDE)
    give_static_ips(stack, cidrs=["203.0.113.0/24"])
    groups = of_type(Template.from_stack(stack), GROUP)
    (group,) = (each for name, each in groups.items() if name.startswith("StaticIps"))
    assert {rule["CidrIp"] for rule in group["SecurityGroupIngress"]} == {"203.0.113.0/24"}


PRIVATE = ExistingVpc(
    vpc_id="vpc-12345678", cidr="10.0.0.0/16", private_subnet_ids=("subnet-11111111", "subnet-22222222")
)


@pytest.mark.parametrize(
    ("values", "problem"),
    [
        ({}, "static IPs need HTTPS .* 'test' has domain None"),
        (HTTPS, r"ingress is Internet\(\), by which clients would get past"),
        (
            {**INSIDE, "load_balancer": NewLoadBalancer(ingress=InsideVpc(cidrs=("10.8.0.0/16",)))},
            r"ingress is InsideVpc\(cidrs=\('10.8.0.0/16',\)\), by which",
        ),
        ({**INSIDE, "network": NewVpc(egress=NatGateways(count=1), dual_stack=True)}, "static IPs are IPv4"),
        ({**INSIDE, "network": PRIVATE}, "network has no public_subnet_ids"),
    ],
)
def test_refuses_what_does_not_go_with_it(values: dict[str, Any], problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        give_static_ips(stack_of("test", **values))
