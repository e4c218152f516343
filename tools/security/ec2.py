"""Check the controls of Amazon EC2 that are about networks."""

import json

from tools.assembly import ANYONE, Properties, Rule, groups, references
from tools.security.control import Finding, Findings, control
from tools.security.stack import Stack

_NO_VPC = "no VPC of its own"
_NO_GROUP = "no security group"
# https://docs.aws.amazon.com/securityhub/latest/userguide/ec2-controls.html#ec2-18
_AUTHORISED = {80, 443}
# https://docs.aws.amazon.com/securityhub/latest/userguide/ec2-controls.html#ec2-19
_RISKY: tuple[int, ...] = (20, 21, 22, 23, 25, 110, 135, 143, 445, 1433, 1434, 3000, 3306, 3389, 4333)
_RISKY += (5000, 5432, 5500, 5601, 8080, 8088, 8888, 9200, 9300)


def _vpcs(stack: Stack) -> dict[str, Properties]:
    return stack.of_type("AWS::EC2::VPC")


def _open_rules(stack: Stack) -> list[tuple[str, list[Rule]]]:
    return [
        (name, [rule for rule in group.ingress if rule.peer == ANYONE])
        for name, group in groups(stack.template).items()
        if group.own or group.ingress
    ]


@control("EC2.2", absent=_NO_VPC)
def default_groups_are_closed(stack: Stack) -> Findings:
    """Require that the default security group of a VPC lets nothing in or out."""
    closed = {
        each
        for properties in stack.of_type("Custom::VpcRestrictDefaultSG").values()
        for each in references(properties["DefaultSecurityGroupId"])
    }
    for vpc in _vpcs(stack):
        yield Finding.of(vpc, vpc in closed, "its default security group is open")


@control("EC2.6", absent=_NO_VPC)
def vpcs_have_flow_logs(stack: Stack) -> Findings:
    """Require that VPCs log refused traffic at least."""
    logged = {
        each
        for log in stack.of_type("AWS::EC2::FlowLog").values()
        if log.get("TrafficType") in ("ALL", "REJECT")
        for each in references(log["ResourceId"])
    }
    for vpc in _vpcs(stack):
        yield Finding.of(vpc, vpc in logged, "it has no flow log")


@control("EC2.15", absent="no subnet of its own")
def subnets_give_no_public_ips(stack: Stack) -> Findings:
    """Require that subnets give nobody a public IP who does not ask for it."""
    for subnet, properties in stack.of_type("AWS::EC2::Subnet").items():
        yield Finding.of(
            subnet, not properties.get("MapPublicIpOnLaunch", False), "whatever starts here gets a public IP"
        )


@control("EC2.18", absent=_NO_GROUP)
def only_web_ports_are_open_to_all(stack: Stack) -> Findings:
    """Require that security groups open no ports but 80 and 443 to everybody."""
    for group, rules in _open_rules(stack):
        others = [rule for rule in rules if not (rule.protocol == "tcp" and set(rule.ports) <= _AUTHORISED)]
        yield Finding.of(group, not others, f"open to everybody: {', '.join(each.text for each in others)}")


@control("EC2.19", absent=_NO_GROUP)
def no_risky_port_is_open_to_all(stack: Stack) -> Findings:
    """Require that security groups open no port of high risk to everybody."""
    for group, rules in _open_rules(stack):
        risky = [str(port) for port in _RISKY if any(port in rule.ports for rule in rules)]
        yield Finding.of(group, not risky, f"open to everybody: {', '.join(risky)}")


def _with_endpoint(stack: Stack, service: str) -> Findings:
    connected = {
        each
        for endpoint in stack.of_type("AWS::EC2::VPCEndpoint").values()
        if f".{service}" in json.dumps(endpoint["ServiceName"])
        for each in references(endpoint["VpcId"])
    }
    for vpc in _vpcs(stack):
        yield Finding.of(vpc, vpc in connected, f"it has no endpoint for {service}")


@control("EC2.55", absent=_NO_VPC)
def vpcs_reach_the_ecr_api(stack: Stack) -> Findings:
    """Require that VPCs have an interface endpoint for the API of ECR."""
    return _with_endpoint(stack, "ecr.api")


@control("EC2.56", absent=_NO_VPC)
def vpcs_reach_the_docker_registry(stack: Stack) -> Findings:
    """Require that VPCs have an interface endpoint for the Docker registry of ECR."""
    return _with_endpoint(stack, "ecr.dkr")
