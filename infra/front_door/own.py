"""FrontDoor: how requests get from users to the target group."""

from aws_cdk import RemovalPolicy
from aws_cdk import aws_certificatemanager as acm
from aws_cdk import aws_elasticloadbalancingv2 as elbv2
from aws_cdk import aws_route53_targets as targets
from constructs import Construct

from infra.front_door.distribution import Distribution
from infra.front_door.domain_names import DomainNames
from infra.front_door.load_balancer import NOT_FOUND, LoadBalancer
from infra.front_door.second_target_group import LAST_PRIORITY, SecondTargetGroup, weighted_rule
from infra.network import Network
from infra.parameters import CloudFront, Domain, NewLoadBalancer, Timeouts


class FrontDoor(Construct):
    """A load balancer of the environment's own, which sends every request to the target group.

    With a domain it speaks HTTPS and redirects HTTP; without one it speaks plain HTTP and warns.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        choice: NewLoadBalancer,
        network: Network,
        target_group: elbv2.ApplicationTargetGroup,
        second_target_group: SecondTargetGroup | None,
        timeouts: Timeouts,
        domain: Domain | None,
        removal_policy: RemovalPolicy,
    ) -> None:
        """`second_target_group` is where the next version stands, if it stands beside this one."""
        super().__init__(scope, id)
        self.distribution: Distribution | None = None
        self.https_listener: elbv2.ApplicationListener | None = None
        self.production_rule: elbv2.ApplicationListenerRule | None = None
        self.test_rule: elbv2.ApplicationListenerRule | None = None
        self.own_load_balancer = LoadBalancer(
            self,
            "LoadBalancer",
            choice=choice,
            network=network,
            timeouts=timeouts,
            removal_policy=removal_policy,
        )
        # CloudFront and the load balancer each add one address to X-Forwarded-For.
        self.proxy_hops = 2 if isinstance(choice.ingress, CloudFront) else 1
        if domain is None:
            self.url = f"http://{self.own_load_balancer.load_balancer_dns_name}"
            listener = self.own_load_balancer.serve_http(_action(target_group, second_target_group))
            self._add_weighted_rules(listener, target_group, second_target_group, None, [])
            return
        self.url = f"https://{domain.name}"
        names = DomainNames(self, "Domain", domain=domain)
        certificates = names.certificates()
        self.https_listener = self.own_load_balancer.serve_https(
            domain, certificates, _action(target_group, second_target_group)
        )
        self._add_weighted_rules(self.https_listener, target_group, second_target_group, domain, certificates)
        if isinstance(choice.ingress, CloudFront):
            self.distribution = Distribution(
                self,
                "Distribution",
                choice=choice.ingress,
                domain=domain,
                load_balancer=self.own_load_balancer,
                timeouts=timeouts,
            )
            names.point_to(targets.CloudFrontTarget(self.distribution), ipv6=True)
        else:
            names.point_to(targets.LoadBalancerTarget(self.own_load_balancer), ipv6=network.dual_stack)

    def _add_weighted_rules(
        self,
        listener: elbv2.ApplicationListener,
        target_group: elbv2.ApplicationTargetGroup,
        second_target_group: SecondTargetGroup | None,
        domain: Domain | None,
        certificates: list[acm.ICertificate],
    ) -> None:
        if second_target_group is None:
            return
        # ECS moves the weights of a rule, not of a default action. It comes after all others there may be.
        self.production_rule = weighted_rule(
            self, "Rule", listener, second_target_group, target_group, priority=LAST_PRIORITY
        )
        if second_target_group.test_port:
            test = self.own_load_balancer.serve_test(second_target_group.test_port, domain, certificates)
            self.test_rule = weighted_rule(
                self, "TestRule", test, second_target_group, target_group, priority=1
            )


def _action(
    target_group: elbv2.ApplicationTargetGroup, second_target_group: SecondTargetGroup | None
) -> elbv2.ListenerAction:
    return NOT_FOUND if second_target_group else elbv2.ListenerAction.forward([target_group])
