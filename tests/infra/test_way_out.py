"""Test that nothing starts tasks before they have a way to their image and their log."""

from typing import Any

import pytest

from infra.parameters import Endpoints, NatGateways, NewVpc, PublicIps, RegionalNat
from tests.infra.configured import template_of

STARTS_TASKS = ("AWS::ECS::Service", "Custom::ReleaseCommand")


def refers_to(value: Any) -> set[str]:
    """Return the resources to which a part of a template refers."""
    if isinstance(value, dict):
        ref, get = value.get("Ref"), value.get("Fn::GetAtt")
        own = {ref} if isinstance(ref, str) else {get[0]} if isinstance(get, list) else set()
        return own.union(*(refers_to(each) for each in value.values()))
    if isinstance(value, list):
        return set().union(*(refers_to(each) for each in value))
    return set()


def waits_for(resources: dict[str, Any], name: str) -> set[str]:
    """Return all resources that CloudFormation makes before the one with this name."""
    found: set[str] = set()
    open_ones = [name]
    while open_ones:
        each = resources[open_ones.pop()]
        named = each.get("DependsOn", [])
        direct = refers_to(each.get("Properties", {})) | set([named] if isinstance(named, str) else named)
        new = {other for other in direct if other in resources} - found
        found |= new
        open_ones += new
    return found


def ways(resources: dict[str, Any], subnets: set[str]) -> set[str]:
    """Return the routes and associations of these subnets, and the endpoints of their network."""
    associations = {
        name: each["Properties"]
        for name, each in resources.items()
        if each["Type"] == "AWS::EC2::SubnetRouteTableAssociation"
        and each["Properties"]["SubnetId"].get("Ref") in subnets
    }
    tables = [each["RouteTableId"] for each in associations.values()]
    routes = {
        name
        for name, each in resources.items()
        if each["Type"] == "AWS::EC2::Route" and each["Properties"]["RouteTableId"] in tables
    }
    endpoints = {name for name, each in resources.items() if each["Type"] == "AWS::EC2::VPCEndpoint"}
    return {*associations} | routes | endpoints


@pytest.mark.parametrize(
    "egress",
    [PublicIps(), NatGateways(count=1), RegionalNat(), Endpoints()],
    ids=lambda each: type(each).__name__,
)
@pytest.mark.parametrize("dual_stack", [False, True])
def test_what_starts_tasks_waits_for_their_way_out(egress: Any, dual_stack: bool) -> None:
    network = NewVpc(egress=egress, dual_stack=dual_stack)
    made = template_of(network=network, release_command=("flask", "db", "upgrade")).to_json()["Resources"]
    starting = {name: each for name, each in made.items() if each["Type"] in STARTS_TASKS}
    assert len(starting) == 2
    for name, each in starting.items():
        subnets = {
            other for other in refers_to(each["Properties"]) if made[other]["Type"] == "AWS::EC2::Subnet"
        }
        wanted = ways(made, subnets)
        assert len(wanted) > len(subnets) == 2
        assert wanted - waits_for(made, name) == set()
