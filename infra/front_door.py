"""FrontDoor: how requests get from users to the target group."""

from aws_cdk import RemovalPolicy
from aws_cdk import aws_elasticloadbalancingv2 as elbv2
from aws_cdk import aws_route53_targets as targets
from constructs import Construct

from infra.distribution import Distribution
from infra.domain_names import DomainNames
from infra.environment.domain import Domain
from infra.environment.ingress import CloudFront
from infra.environment.load_balancer import NewLoadBalancer
from infra.load_balancer import LoadBalancer
from infra.network import Network
from infra.timeouts import Timeouts


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
        timeouts: Timeouts,
        domain: Domain | None,
        removal_policy: RemovalPolicy,
    ) -> None:
        super().__init__(scope, id)
        self.distribution: Distribution | None = None
        self.https_listener: elbv2.ApplicationListener | None = None
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
            self.own_load_balancer.serve_http(target_group)
            return
        self.url = f"https://{domain.name}"
        names = DomainNames(self, "Domain", domain=domain)
        self.https_listener = self.own_load_balancer.serve_https(domain, names.certificates(), target_group)
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
