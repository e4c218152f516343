"""Static IPs: put a Network Load Balancer with Elastic IPs in front of the load balancer.

For partners whose firewalls admit addresses only. About $24 a month with two zones: $16.40 for the Network
Load Balancer and $3.65 for each address, plus its traffic.
https://aws.amazon.com/elasticloadbalancing/pricing/ Not for anything else: a DNS name is better, and free.

    if stack.parameters.name == "prod":
        give_static_ips(stack)

The environment needs a domain and `NewLoadBalancer(ingress=InsideVpc())`, so that the static addresses are
the only way in. The clients' addresses and PROXY_HOPS stay the same. To move traffic out of a zone, start
the zonal shift on the Network Load Balancer. Do not combine this with zone_failover.py.
https://docs.aws.amazon.com/elasticloadbalancing/latest/network/application-load-balancer-target.html
"""

from collections.abc import Sequence
from typing import cast

from aws_cdk import CfnOutput, Fn, RemovalPolicy
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_elasticloadbalancingv2 as elbv2
from aws_cdk import aws_elasticloadbalancingv2_targets as targets
from aws_cdk import aws_route53 as route53

from infra.acknowledge import acknowledge
from infra.front_door import LoadBalancer
from infra.parameters import InsideVpc, NewLoadBalancer
from infra.stack import WebStack


def give_static_ips(stack: WebStack, *, cidrs: Sequence[str] = ("0.0.0.0/0",)) -> elbv2.NetworkLoadBalancer:
    """Admit clients in `cidrs` at addresses that never change; the output `StaticIpAddresses` lists them.

    Raises ValueError where there is another way in, no HTTPS, no public subnet, or IPv6.
    """
    balancer = _only_balancer(stack)
    subnets, keep = stack.network.vpc.public_subnets, stack.parameters.removal == "retain"
    group = ec2.SecurityGroup(
        stack,
        "StaticIpsGroup",
        vpc=stack.network.vpc,
        allow_all_outbound=False,
        description="The static IPs: reached by clients, reach the load balancer",
    )
    addresses = [ec2.CfnEIP(stack, f"StaticIp{number}") for number in range(1, len(subnets) + 1)]
    for address in addresses:
        # A released address cannot be had again.
        address.apply_removal_policy(RemovalPolicy.RETAIN if keep else RemovalPolicy.DESTROY)
    front = elbv2.NetworkLoadBalancer(
        stack,
        "StaticIps",
        vpc=stack.network.vpc,
        internet_facing=True,
        security_groups=[group],
        subnet_mappings=[
            elbv2.SubnetMapping(subnet=subnet, allocation_id=address.attr_allocation_id)
            for subnet, address in zip(subnets, addresses, strict=True)
        ],
        cross_zone_enabled=True,
        zonal_shift=True,
        deletion_protection=keep,
    )
    # AWS refuses to create it before the subnets have their route to the internet.
    front.node.add_dependency(*(subnet.internet_connectivity_established for subnet in subnets))
    acknowledge(
        front, rule="AwsSolutions-ELB2", reason="It logs TLS only; the load balancer behind it logs requests."
    )
    # Until here the whole VPC could reach the load balancer.
    behind = cast("ec2.CfnSecurityGroup", balancer.group.node.default_child)
    behind.add_property_deletion_override("SecurityGroupIngress")
    for listener in balancer.listeners:
        port = int(cast("elbv2.CfnListener", listener.node.default_child).port or 0)
        _pass_on(front, listener, port, path=stack.parameters.health_check.path)
        group.connections.allow_to(balancer.group, ec2.Port.tcp(port), "Static IPs to load balancer")
        for cidr in cidrs:
            group.add_ingress_rule(ec2.Peer.ipv4(cidr), ec2.Port.tcp(port))
    if "0.0.0.0/0" in cidrs:
        acknowledge(group, rule="AwsSolutions-EC23", reason="A public website, by addresses that stay.")
    for record in stack.front_door.node.find_all():
        if isinstance(record, route53.CfnRecordSet):
            record.alias_target = route53.CfnRecordSet.AliasTargetProperty(
                dns_name=front.load_balancer_dns_name,
                hosted_zone_id=front.load_balancer_canonical_hosted_zone_id,
            )
    CfnOutput(stack, "StaticIpAddresses", value=Fn.join(" ", [address.ref for address in addresses]))
    return front


def _pass_on(
    front: elbv2.NetworkLoadBalancer, listener: elbv2.ApplicationListener, port: int, *, path: str
) -> None:
    https = port == 443
    front.add_listener(
        f"Port{port}",
        port=port,
        default_target_groups=[
            elbv2.NetworkTargetGroup(
                front,
                f"Targets{port}",
                vpc=front.vpc,
                port=port,
                target_type=elbv2.TargetType.ALB,
                targets=[targets.AlbListenerTarget(listener)],
                # A redirect by the load balancer proves health as well as an answer of the app.
                health_check=elbv2.HealthCheck(
                    protocol=elbv2.Protocol.HTTPS if https else elbv2.Protocol.HTTP,
                    path=path,
                    healthy_http_codes="200-399",
                ),
            )
        ],
    )


def _only_balancer(stack: WebStack) -> LoadBalancer:
    environment, balancer = stack.parameters, stack.front_door.own_load_balancer
    choice, listener = environment.load_balancer, stack.front_door.https_listener
    if balancer is None or listener is None or not isinstance(choice, NewLoadBalancer):
        raise ValueError(
            "static IPs need HTTPS on a load balancer of one's own, but environment "
            f"'{environment.name}' has domain {environment.domain and environment.domain.name} and "
            f"load_balancer {type(choice).__name__}: set domain, and load_balancer to "
            "NewLoadBalancer(ingress=InsideVpc())"
        )
    if choice.ingress != InsideVpc():
        raise ValueError(
            f"ingress is {choice.ingress!r}, by which clients would get past the static IPs: "
            "set it to InsideVpc()"
        )
    if stack.network.dual_stack:
        raise ValueError("network.dual_stack is on, but static IPs are IPv4: turn it off")
    if not stack.network.vpc.public_subnets:
        raise ValueError("network has no public_subnet_ids, where static IPs must be: give one id per zone")
    return balancer
