"""Lead requests to the tasks over a load balancer that others use too."""

from dataclasses import dataclass

from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_elasticloadbalancingv2 as elbv2
from aws_cdk import aws_route53_targets as targets
from constructs import Construct

from infra.front_door.domain_names import DomainNames
from infra.front_door.own import FrontDoor
from infra.front_door.target_groups import TargetGroups
from infra.parameters import Domain, ExistingLoadBalancer


@dataclass(frozen=True, kw_only=True)
class SharedListener:
    """An HTTPS listener that exists, with the facts about its load balancer that a rule needs."""

    arn: str
    security_group_id: str
    load_balancer: elbv2.IApplicationLoadBalancer
    proxy_hops: int = 1
    ipv6: bool = False

    @classmethod
    def from_ids(cls, scope: Construct, choice: ExistingLoadBalancer) -> "SharedListener":
        """Return the listener of a load balancer that is known by its ids."""
        load_balancer = elbv2.ApplicationLoadBalancer.from_application_load_balancer_attributes(
            scope,
            "ExistingLoadBalancer",
            load_balancer_arn=choice.arn,
            security_group_id=choice.security_group_id,
            load_balancer_dns_name=choice.dns_name,
            load_balancer_canonical_hosted_zone_id=choice.canonical_hosted_zone_id,
        )
        return cls(
            arn=choice.https_listener_arn,
            security_group_id=choice.security_group_id,
            load_balancer=load_balancer,
        )

    @classmethod
    def from_owner(cls, front_door: "FrontDoor | SharedFrontDoor") -> "SharedListener":
        """Return the listener of another environment; raises ValueError if that has none of its own."""
        if not isinstance(front_door, FrontDoor) or front_door.https_listener is None:
            raise ValueError(f"{front_door.node.path} has no HTTPS listener to weighted_rule")
        load_balancer, listener = front_door.own_load_balancer, front_door.https_listener
        return cls(
            arn=listener.listener_arn,
            security_group_id=load_balancer.group.security_group_id,
            load_balancer=load_balancer,
            proxy_hops=front_door.proxy_hops,
            ipv6=load_balancer.ip_address_type == elbv2.IpAddressType.DUAL_STACK,
        )


class SharedFrontDoor(Construct):
    """A rule on a shared load balancer's listener: requests for the domain's names go to the tasks."""

    # The load balancer, its listener, metrics and alarms belong to their owner.
    own_load_balancer = None
    https_listener = None
    distribution = None

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        listener: SharedListener,
        rule_priority: int,
        target_groups: TargetGroups,
        domain: Domain,
        names_served_by_owner: bool,
    ) -> None:
        """Create the rule; with `names_served_by_owner` certificates and DNS records exist already."""
        super().__init__(scope, id)
        self.url = f"https://{domain.name}"
        self.proxy_hops = listener.proxy_hops
        # Import it as having no egress, so that the CDK adds an egress rule to these tasks.
        group = ec2.SecurityGroup.from_security_group_id(
            self, "Group", listener.security_group_id, allow_all_outbound=False
        )
        https = elbv2.ApplicationListener.from_application_listener_attributes(
            self, "Https", listener_arn=listener.arn, security_group=group
        )
        self.rule = elbv2.ApplicationListenerRule(
            self,
            "Rule",
            listener=https,
            priority=rule_priority,
            conditions=[elbv2.ListenerCondition.host_headers(list(domain.names))],
            action=target_groups.forward,
        )
        self.alternate_target = target_groups.alternate_target(self.rule)
        if names_served_by_owner:
            return
        names = DomainNames(self, "Domain", domain=domain)
        if domain.certificate_arns or domain.hosted_zone_id:
            elbv2.ApplicationListenerCertificate(
                self, "Certificates", listener=https, certificates=list(names.certificates())
            )
        names.point_to(targets.LoadBalancerTarget(listener.load_balancer), ipv6=listener.ipv6)
