from collections.abc import Callable
from typing import Any

import pytest
from aws_cdk import aws_ec2 as ec2
from aws_cdk.assertions import Template

from docs.recipes.security_group_rules import Rule, join_groups, set_task_rules
from tests.recipes.stacks import stack_of

HTTPS = ec2.Port.tcp(443)


@pytest.fixture
def tasks(template: Callable[[str], Template]) -> dict[str, Any]:
    groups = template("security-group-rules").find_resources("AWS::EC2::SecurityGroup")
    (group,) = (each for name, each in groups.items() if name.startswith("WebGroup"))
    return dict(group["Properties"])


def test_tasks_go_where_the_list_says_and_nowhere_else(tasks: dict[str, Any]) -> None:
    assert [(rule["CidrIp"], rule["FromPort"], rule["ToPort"]) for rule in tasks["SecurityGroupEgress"]] == [
        ("0.0.0.0/0", 443, 443),
        ("10.9.0.0/16", 5432, 5432),
    ]


def test_a_named_network_may_reach_them(tasks: dict[str, Any]) -> None:
    assert [(rule["CidrIp"], rule["FromPort"]) for rule in tasks["SecurityGroupIngress"]] == [
        ("10.8.0.0/16", 9090)
    ]


def test_tasks_are_in_the_group_that_another_stack_exports(template: Callable[[str], Template]) -> None:
    (service,) = template("security-group-rules").find_resources("AWS::ECS::Service").values()
    own, joined = service["Properties"]["NetworkConfiguration"]["AwsvpcConfiguration"]["SecurityGroups"]
    assert own["Fn::GetAtt"][0].startswith("WebGroup")
    assert joined == {"Fn::ImportValue": "Database-ClientGroup"}


def test_the_load_balancer_does_not_reach_others_in_that_group(template: Callable[[str], Template]) -> None:
    rules = template("security-group-rules").find_resources("AWS::EC2::SecurityGroupEgress").values()
    assert [rule["Properties"]["DestinationSecurityGroupId"]["Fn::GetAtt"][0][:8] for rule in rules] == [
        "WebGroup"
    ]


@pytest.mark.parametrize("port", [ec2.Port.tcp(5432), ec2.Port.udp(443), ec2.Port.tcp_range(444, 500)])
def test_refuses_an_egress_that_starts_no_task(port: ec2.Port) -> None:
    rule = Rule(peer=ec2.Peer.any_ipv4(), port=port, reason="PostgreSQL")
    with pytest.raises(ValueError, match="egress opens no port 443, by which tasks get their image"):
        set_task_rules(stack_of("test"), egress=[rule])


@pytest.mark.parametrize("port", [ec2.Port.all_traffic(), ec2.Port.tcp_range(1, 1024)])
def test_takes_a_range_that_has_port_443_in_it(port: ec2.Port) -> None:
    set_task_rules(stack_of("test"), egress=[Rule(peer=ec2.Peer.any_ipv4(), port=port, reason="anything")])


@pytest.mark.parametrize("peer", [ec2.Peer.any_ipv4(), ec2.Peer.any_ipv6()])
def test_refuses_to_open_the_tasks_to_everybody(peer: ec2.IPeer) -> None:
    with pytest.raises(ValueError, match=r"\('debugging'\), so everybody could go past the load balancer"):
        set_task_rules(stack_of("test"), ingress=[Rule(peer=peer, port=HTTPS, reason="debugging")])


def test_refuses_more_groups_than_a_task_can_be_in() -> None:
    with pytest.raises(
        ValueError, match="with a, b, c, d, e tasks are in 6 security groups, and ECS takes 5"
    ):
        join_groups(stack_of("test"), export_names=["a", "b", "c", "d", "e"])
