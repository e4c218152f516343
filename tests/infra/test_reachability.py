"""Test who reaches whom, on the graph of security groups of every environment."""

import copy
from pathlib import Path
from typing import Any

import pytest
from aws_cdk.assertions import Template

from infra.application import build_app, empty_app
from infra.parameters import (
    Cidrs,
    CloudFront,
    Domain,
    Endpoints,
    Environment,
    Ingress,
    InsideVpc,
    Internet,
    NatGateways,
    NewLoadBalancer,
    NewVpc,
    SharedLoadBalancer,
)
from infra.stack import WebStack
from tools.assembly import ANOTHER_STACK, ANYONE, LOAD_BALANCER, TASKS, THE_VPC, Reach, of_type, reach
from tools.security.stack import stacks


def ports_of(template: dict[str, Any], kind: str, key: str) -> set[str]:
    return {f"tcp {each[key]}" for each in of_type(template, kind)}


@pytest.fixture
def graph(template: Template) -> set[Reach]:
    """Return the connections that the security groups of each environment allow."""
    return reach(dict(template.to_json()))


def test_only_the_load_balancer_reaches_the_tasks_and_only_on_their_port(
    template: Template, graph: set[Reach]
) -> None:
    (service,) = of_type(dict(template.to_json()), "AWS::ECS::Service")
    (target,) = service["LoadBalancers"]
    inbound = {each for each in graph if each.target == TASKS}
    assert inbound == {Reach(LOAD_BALANCER, TASKS, f"tcp {target['ContainerPort']}")}


def test_only_web_ports_that_a_listener_answers_reach_the_load_balancer(
    template: Template, graph: set[Reach]
) -> None:
    inbound = {each for each in graph if each.target == LOAD_BALANCER}
    assert {each.source for each in inbound} == {ANYONE}
    listeners = ports_of(dict(template.to_json()), "AWS::ElasticLoadBalancingV2::Listener", "Port")
    assert {each.ports for each in inbound} == listeners <= {"tcp 80", "tcp 443"}


def test_the_load_balancer_reaches_nothing_but_the_tasks(graph: set[Reach]) -> None:
    assert {each.target for each in graph if each.source == LOAD_BALANCER} == {TASKS}


OFFICE = "203.0.113.0/24"
HOME = "2001:db8::/32"
PEERED = "10.9.0.0/16"
CERTIFICATE = "arn:aws:acm:us-east-1:123456789012:certificate/x"


def graph_with(**choices: Any) -> set[Reach]:
    """Return the connections that an environment with these choices allows."""
    domain = Domain(name="app.test.dev", hosted_zone_id="Z1", hosted_zone_name="test.dev")
    environment = Environment(name="test", domain=domain, **choices)
    stack = WebStack(empty_app(), "Web-test", environment=environment)
    return reach(dict(Template.from_stack(stack).to_json()))


@pytest.mark.parametrize(
    ("ingress", "sources", "ports"),
    [
        (Internet(), {ANYONE}, {"tcp 80", "tcp 443"}),
        (Cidrs(cidrs=(OFFICE, HOME)), {OFFICE, HOME}, {"tcp 80", "tcp 443"}),
        (InsideVpc(cidrs=(PEERED,)), {"10.0.0.0/16", PEERED}, {"tcp 80", "tcp 443"}),
        (CloudFront(certificate_arn=CERTIFICATE), {"pl-4fa04526"}, {"tcp 443"}),
        (CloudFront(certificate_arn=CERTIFICATE, private=False), {"pl-4fa04526"}, {"tcp 443"}),
    ],
    ids=["internet", "cidrs", "inside-vpc", "cloudfront-private", "cloudfront-public"],
)
def test_only_the_stated_sources_reach_the_load_balancer(
    ingress: Ingress, sources: set[str], ports: set[str]
) -> None:
    graph = graph_with(
        load_balancer=NewLoadBalancer(ingress=ingress), network=NewVpc(egress=NatGateways(count=1))
    )
    inbound = {each for each in graph if each.target == LOAD_BALANCER}
    assert {each.source for each in inbound} == sources
    assert {each.ports for each in inbound} == ports
    assert {each for each in graph if each.target == TASKS} == {Reach(LOAD_BALANCER, TASKS, "tcp 8000")}


def test_only_the_vpc_reaches_its_endpoints_and_only_by_https() -> None:
    graph = graph_with(network=NewVpc(egress=Endpoints()))
    inbound = {each for each in graph if each.target.startswith("VPC endpoint")}
    assert inbound
    assert {(each.source, each.ports) for each in inbound} == {("10.0.0.0/16", "tcp 443")}


@pytest.fixture
def mutable(templates: dict[str, Template]) -> dict[str, Any]:
    """Return a copy of prod's template that a test may break."""
    return copy.deepcopy(dict(templates["prod"].to_json()))


def group_of(template: dict[str, Any], kind: str, *path: str) -> str:
    (properties,) = of_type(template, kind)
    for key in path:
        properties = properties[key]
    return str(properties["SecurityGroups"][0]["Fn::GetAtt"][0])


def tasks_group(template: dict[str, Any]) -> str:
    return group_of(template, "AWS::ECS::Service", "NetworkConfiguration", "AwsvpcConfiguration")


def balancer_group(template: dict[str, Any]) -> str:
    return group_of(template, "AWS::ElasticLoadBalancingV2::LoadBalancer")


def add(template: dict[str, Any], kind: str, **properties: Any) -> None:
    template["Resources"]["Added"] = {"Type": kind, "Properties": properties}


def got(before: set[Reach], template: dict[str, Any]) -> set[Reach]:
    return reach(template) - before


def test_finds_a_rule_beside_the_tasks_group(mutable: dict[str, Any]) -> None:
    before = reach(mutable)
    add(
        mutable,
        "AWS::EC2::SecurityGroupIngress",
        GroupId={"Fn::GetAtt": [tasks_group(mutable), "GroupId"]},
        CidrIp="10.0.0.0/8",
        IpProtocol="tcp",
        FromPort=22,
        ToPort=23,
    )
    assert got(before, mutable) == {Reach("10.0.0.0/8", TASKS, "tcp 22-23")}


@pytest.mark.parametrize(
    ("source", "named"),
    [
        ({"CidrIpv6": "::/0"}, ANYONE),
        ({"CidrIp": {"Fn::GetAtt": ["Vpc", "CidrBlock"]}}, THE_VPC),
        ({"SourcePrefixListId": "pl-1"}, "pl-1"),
        ({"SourceSecurityGroupId": "sg-1"}, "sg-1"),
    ],
)
def test_finds_a_rule_inside_the_tasks_group(
    mutable: dict[str, Any], source: dict[str, Any], named: str
) -> None:
    before = reach(mutable)
    group = mutable["Resources"][tasks_group(mutable)]["Properties"]
    group["SecurityGroupIngress"] = [{"IpProtocol": "-1", **source}]
    assert got(before, mutable) == {Reach(named, TASKS, "all")}


def test_finds_a_port_of_the_load_balancer_that_no_listener_has(mutable: dict[str, Any]) -> None:
    before = reach(mutable)
    group = mutable["Resources"][balancer_group(mutable)]["Properties"]
    group["SecurityGroupIngress"].append(
        {"IpProtocol": "tcp", "FromPort": 8080, "ToPort": 8080, "CidrIp": "0.0.0.0/0"}
    )
    assert got(before, mutable) == {Reach(ANYONE, LOAD_BALANCER, "tcp 8080")}


def test_finds_a_load_balancer_that_may_reach_everybody(mutable: dict[str, Any]) -> None:
    before = reach(mutable)
    group = mutable["Resources"][balancer_group(mutable)]["Properties"]
    group["SecurityGroupEgress"] = [{"IpProtocol": "-1", "CidrIp": "0.0.0.0/0"}]
    assert got(before, mutable) == {Reach(LOAD_BALANCER, ANYONE, "all")}


def test_finds_who_else_carries_the_load_balancers_group(mutable: dict[str, Any]) -> None:
    before = reach(mutable)
    balancer = {"Fn::GetAtt": [balancer_group(mutable), "GroupId"]}
    add(mutable, "AWS::Lambda::Function", VpcConfig={"SecurityGroupIds": [balancer]})
    assert {each for each in got(before, mutable) if each.target == TASKS} == {
        Reach("Added", TASKS, next(each.ports for each in before if each.target == TASKS))
    }


def test_a_way_in_without_a_way_out_leads_nowhere(mutable: dict[str, Any]) -> None:
    for logical_id, resource in list(mutable["Resources"].items()):
        if resource["Type"] == "AWS::EC2::SecurityGroupEgress":
            del mutable["Resources"][logical_id]
    group = mutable["Resources"][balancer_group(mutable)]["Properties"]
    group["SecurityGroupEgress"] = [{"IpProtocol": "tcp", "FromPort": 1, "ToPort": 2, "CidrIp": "0.0.0.0/0"}]
    assert {each for each in reach(mutable) if each.target == TASKS} == set()


@pytest.mark.parametrize(
    ("group", "named"), [("sg-1", "sg-1"), ({"Fn::ImportValue": "Web-owner:Group"}, ANOTHER_STACK)]
)
def test_finds_a_rule_added_to_a_group_of_others(mutable: dict[str, Any], group: Any, named: str) -> None:
    before = reach(mutable)
    rule = {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "CidrIp": "0.0.0.0/0"}
    add(mutable, "AWS::EC2::SecurityGroupIngress", GroupId=group, **rule)
    assert got(before, mutable) == {Reach(ANYONE, named, "tcp 22")}


def test_on_a_shared_load_balancer_only_the_other_stack_reaches_the_tasks(tmp_path: Path) -> None:
    zone: dict[str, Any] = {"hosted_zone_id": "Z1", "hosted_zone_name": "test.dev"}
    owner = Environment(name="owner", domain=Domain(name="app.test.dev", **zone))
    shared = SharedLoadBalancer(owner="owner", rule_priority=1)
    guest = Environment(name="guest", domain=Domain(name="pr.test.dev", **zone), load_balancer=shared)
    build_app(owner, guest, outdir=str(tmp_path)).synth()
    (template,) = (each.template for each in stacks(tmp_path) if each.environment == "guest")
    assert reach(template) == {Reach(ANOTHER_STACK, TASKS, "tcp 8000"), Reach(TASKS, ANYONE, "all")}


def group(**rules: Any) -> dict[str, Any]:
    return {"Type": "AWS::EC2::SecurityGroup", "Properties": rules}


@pytest.mark.parametrize(
    "way_out",
    [{"CidrIp": "255.255.255.255/32"}, {"DestinationSecurityGroupId": {"Fn::GetAtt": ["Third", "GroupId"]}}],
    ids=["to-nobody", "to-a-third"],
)
def test_a_way_out_to_others_does_not_lead_there(way_out: dict[str, Any]) -> None:
    way_in = {"SourceSecurityGroupId": {"Fn::GetAtt": ["Source", "GroupId"]}}
    template = {
        "Resources": {
            "Source": group(SecurityGroupEgress=[{"IpProtocol": "-1", **way_out}]),
            "Target": group(SecurityGroupIngress=[{"IpProtocol": "-1", **way_in}]),
            "Third": group(),
        }
    }
    assert reach(template) == {Reach("Target", ANYONE, "all"), Reach("Third", ANYONE, "all")}


def test_a_group_without_a_way_out_of_its_own_has_ec2s_which_leads_everywhere() -> None:
    template = {"Resources": {"Group": {"Type": "AWS::EC2::SecurityGroup", "Properties": {}}}}
    assert reach(template) == {Reach("Group", ANYONE, "all")}


def test_two_of_a_kind_are_told_apart(mutable: dict[str, Any]) -> None:
    tasks = {"SecurityGroups": [{"Fn::GetAtt": [tasks_group(mutable), "GroupId"]}]}
    add(mutable, "AWS::ECS::Service", NetworkConfiguration={"AwsvpcConfiguration": tasks})
    assert f"{TASKS} Added" in {each.target for each in reach(mutable)}
