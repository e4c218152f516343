"""SharedFrontDoor: how requests get to the target group over a load balancer that others use too."""

from dataclasses import dataclass

from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_elasticloadbalancingv2 as elbv2
from aws_cdk import aws_route53_targets as targets
from constructs import Construct

from infra.front_door.domain_names import DomainNames
from infra.front_door.own import FrontDoor
from infra.front_door.second_target_group import SecondTargetGroup, weighted_rule
from infra.parameters import Domain, ExistingLoadBalancer


@dataclass(frozen=True, kw_only=True)
class SharedListener:
    """A listener for HTTPS that is there already, and what must be known of its load balancer."""

    arn: str
    security_group_id: str
    load_balancer: elbv2.IApplicationLoadBalancer
    proxy_hops: int = 1
    ipv6: bool = False

    @classmethod
    def from_ids(cls, scope: Construct, choice: ExistingLoadBalancer) -> "SharedListener":
        """That of a load balancer known by its ids."""
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
        """That of another environment; raises ValueError if it has none of its own."""
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
    """A rule on the listener: requests for the domain's names go to the target group."""

    # They are their owner's, and so are the load balancer's metrics and alarms.
    own_load_balancer = None
    test_rule = None
    https_listener = None
    distribution = None

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        listener: SharedListener,
        rule_priority: int,
        target_group: elbv2.ApplicationTargetGroup,
        second_target_group: SecondTargetGroup | None,
        domain: Domain,
        names_served_by_owner: bool,
    ) -> None:
        """With `names_served_by_owner`, the listener has a certificate for the names and DNS leads to it."""
        super().__init__(scope, id)
        self.url = f"https://{domain.name}"
        self.proxy_hops = listener.proxy_hops
        # As if it let nothing out: then a rule is made that lets it reach these tasks.
        group = ec2.SecurityGroup.from_security_group_id(
            self, "Group", listener.security_group_id, allow_all_outbound=False
        )
        https = elbv2.ApplicationListener.from_application_listener_attributes(
            self, "Https", listener_arn=listener.arn, security_group=group
        )
        hosts = [elbv2.ListenerCondition.host_headers(list(domain.names))]
        if second_target_group:
            self.production_rule = weighted_rule(
                self,
                "Rule",
                https,
                second_target_group,
                target_group,
                priority=rule_priority,
                conditions=hosts,
            )
        else:
            self.production_rule = elbv2.ApplicationListenerRule(
                self,
                "Rule",
                listener=https,
                priority=rule_priority,
                conditions=hosts,
                action=elbv2.ListenerAction.forward([target_group]),
            )
        if names_served_by_owner:
            return
        names = DomainNames(self, "Domain", domain=domain)
        if domain.certificate_arns or domain.hosted_zone_id:
            elbv2.ApplicationListenerCertificate(
                self, "Certificates", listener=https, certificates=list(names.certificates())
            )
        names.point_to(targets.LoadBalancerTarget(listener.load_balancer), ipv6=listener.ipv6)
