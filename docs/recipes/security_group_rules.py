"""Security group rules: limit where tasks may connect, let others reach them, join a database's group.

For an organisation that lists its outgoing connections, and for a database in another stack. Free. Not for
the users' way in: `ingress` of the load balancer in infra/environments.py says who may reach it.

    if stack.parameters.name == "prod":
        https = Rule(peer=ec2.Peer.any_ipv4(), port=ec2.Port.tcp(443), reason="AWS and partners")
        set_task_rules(stack, egress=[https])
        join_groups(stack, export_names=["Database-ClientGroup"])
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

from aws_cdk import Fn
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_ecs as ecs

from infra.stack import WebStack

# https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_AwsVpcConfiguration.html
_MOST_GROUPS = 5


@dataclass(frozen=True, kw_only=True)
class Rule:
    """A rule that allows one peer one port, or a range of ports, for a reason."""

    peer: ec2.IPeer
    port: ec2.Port
    reason: str


def set_task_rules(stack: WebStack, *, egress: Sequence[Rule] = (), ingress: Sequence[Rule] = ()) -> None:
    """Let tasks connect only to `egress`, and let `ingress` reach them beside the load balancer.

    DNS and the task's metadata need no rule. Raises ValueError for an egress without port 443, which images,
    secrets and logs need, and for an ingress from everywhere.
    """
    connections = stack.web.service.connections
    if egress:
        if not any(_opens(rule.port, 443) for rule in egress):
            raise ValueError(
                "egress opens no port 443, by which tasks get their image and secrets and write their log: "
                "add a rule for it, to ec2.Peer.any_ipv4() or to the addresses of your VPC endpoints"
            )
        group = cast("ec2.CfnSecurityGroup", connections.security_groups[0].node.default_child)
        group.security_group_egress = [_egress(rule) for rule in egress]
    for rule in ingress:
        if rule.peer.unique_id in ("0.0.0.0/0", "::/0"):
            raise ValueError(
                f"ingress admits {rule.peer.unique_id} ('{rule.reason}'), so everybody could go past the "
                "load balancer: name the networks or the security group that need it"
            )
        connections.allow_from(ec2.Connections(peer=rule.peer), rule.port, rule.reason)


def join_groups(stack: WebStack, *, export_names: Sequence[str]) -> None:
    """Put tasks also into the security groups that other CloudFormation stacks export under these names.

    The egress rules of these groups add to the tasks' own. For groups whose ids are known, use
    `task_security_group_ids` of ExistingVpc. Raises ValueError for more groups than ECS takes.
    """
    own = [group.security_group_id for group in stack.web.service.connections.security_groups]
    groups = [*own, *(Fn.import_value(name) for name in export_names)]
    if len(groups) > _MOST_GROUPS:
        raise ValueError(
            f"with {', '.join(export_names)} tasks are in {len(groups)} security groups, and ECS takes "
            f"{_MOST_GROUPS}: leave some out"
        )
    # Set through the L1: the L2 takes groups only when the service is made.
    service = cast("ecs.CfnService", stack.web.service.node.default_child)
    service.add_property_override("NetworkConfiguration.AwsvpcConfiguration.SecurityGroups", groups)


def _opens(port: ec2.Port, number: int) -> bool:
    rule = port.to_rule_json()
    if rule["ipProtocol"] == "-1":
        return True
    return rule["ipProtocol"] == "tcp" and number in range(rule["fromPort"], rule["toPort"] + 1)


def _egress(rule: Rule) -> ec2.CfnSecurityGroup.EgressProperty:
    to, port = rule.peer.to_egress_rule_config(), rule.port.to_rule_json()
    return ec2.CfnSecurityGroup.EgressProperty(
        ip_protocol=port["ipProtocol"],
        from_port=port.get("fromPort"),
        to_port=port.get("toPort"),
        cidr_ip=to.cidr_ip,
        cidr_ipv6=to.cidr_ipv6,
        destination_prefix_list_id=to.destination_prefix_list_id,
        destination_security_group_id=to.destination_security_group_id,
        description=rule.reason,
    )
