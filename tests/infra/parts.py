"""Make constructs with usual values, of which each test changes one."""

from pathlib import Path
from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_elasticloadbalancingv2 as elbv2
from aws_cdk.assertions import Template

from infra.compute import WebService
from infra.front_door import FrontDoor, TargetGroup, TargetGroups
from infra.network import Network
from infra.parameters import (
    Domain,
    HealthCheck,
    NewLoadBalancer,
    NewVpc,
    Routing,
    ServiceFields,
    Tasks,
    Timeouts,
)
from infra.task import Task

DOMAIN = Domain(name="app.test.dev", hosted_zone_id="Z1", hosted_zone_name="test.dev")


def network(stack: cdk.Stack, choice: Any = None) -> Network:
    return Network(
        stack,
        "Network",
        choice=choice or NewVpc(),
        execute_command=False,
        availability_zones=["eu-west-1a", "eu-west-1b"],
        removal_policy=cdk.RemovalPolicy.DESTROY,
    )


def target_group(stack: cdk.Stack, where: Network, **changes: Any) -> TargetGroup:
    values: dict[str, Any] = {
        "port": 8000,
        "tls": False,
        "timeouts": Timeouts(longest_request_s=30),
        "health_check": HealthCheck(),
        "routing": Routing(),
    }
    return TargetGroup(stack, "Targets", vpc=where.vpc, **{**values, **changes})


def front_door(stack: cdk.Stack, where: Network | None = None, **changes: Any) -> Template:
    """Return the template of a network, a target group and a front door."""
    where = where or network(stack)
    values: dict[str, Any] = {
        "choice": NewLoadBalancer(),
        "timeouts": Timeouts(longest_request_s=30),
        "domain": DOMAIN,
        "removal_policy": cdk.RemovalPolicy.DESTROY,
    }
    FrontDoor(
        stack,
        "FrontDoor",
        network=where,
        target_groups=TargetGroups(first=target_group(stack, where)),
        **{**values, **changes},
    )
    return Template.from_stack(stack)


def web_service(stack: cdk.Stack, source: Path, **changes: Any) -> Template:
    """Return the template of a service behind a load balancer, with an image built from `source`."""
    (source / "Dockerfile").write_text("FROM scratch\n")
    where = network(stack)
    targets = target_group(stack, where)
    elbv2.ApplicationLoadBalancer(stack, "Balancer", vpc=where.vpc).add_listener(
        "Http", port=80, open=False, default_target_groups=[targets]
    )
    timeouts = changes.pop("timeouts", Timeouts(longest_request_s=30))
    parameters = ServiceFields(
        name="test", **{"tasks": Tasks(min=2, max=4), "container_insights": True, **changes}
    )
    task = Task(
        stack,
        "Task",
        source=source,
        timeouts=timeouts,
        parameters=parameters,
        secrets={},
        grant_decrypt=lambda _: None,
        hops_before_task=1,
        noindex=False,
    )
    WebService(
        stack,
        "Web",
        task=task,
        network=where,
        target_groups=TargetGroups(first=targets),
        alternate_target=None,
        parameters=parameters,
        removal_policy=cdk.RemovalPolicy.DESTROY,
    )
    return Template.from_stack(stack)


def attributes(template: Template, kind: str) -> dict[str, Any]:
    """Return the attributes of the only load balancer or target group."""
    (resource,) = template.find_resources(f"AWS::ElasticLoadBalancingV2::{kind}").values()
    return {pair["Key"]: pair["Value"] for pair in resource["Properties"][f"{kind}Attributes"]}


def open_to(template: Template, group: str) -> set[tuple[str, int]]:
    """Return the sources and ports that the security group with this description admits."""
    groups = template.find_resources("AWS::EC2::SecurityGroup").items()
    ((logical_id, found),) = (item for item in groups if group in item[1]["Properties"]["GroupDescription"])
    separate = template.find_resources("AWS::EC2::SecurityGroupIngress").values()
    rules = [
        *found["Properties"].get("SecurityGroupIngress", []),
        *(rule["Properties"] for rule in separate if logical_id in str(rule["Properties"]["GroupId"])),
    ]
    sources = ("CidrIp", "CidrIpv6", "SourcePrefixListId", "SourceSecurityGroupId")
    return {(rule[source], rule["FromPort"]) for rule in rules for source in sources if source in rule}
