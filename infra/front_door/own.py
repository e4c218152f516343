"""Lead requests to the tasks over a load balancer of the environment's own."""

from aws_cdk import RemovalPolicy
from aws_cdk import aws_certificatemanager as acm
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_elasticloadbalancingv2 as elbv2
from aws_cdk import aws_route53_targets as targets
from constructs import Construct

from infra.front_door.distribution import Distribution
from infra.front_door.domain_names import DomainNames
from infra.front_door.load_balancer import LoadBalancer
from infra.front_door.target_groups import LAST_PRIORITY, TargetGroups
from infra.network import Network
from infra.parameters import CloudFront, Domain, Membership, NewLoadBalancer, Timeouts


class FrontDoor(Construct):
    """A load balancer of the environment's own, which sends every request to the tasks.

    With a domain it speaks HTTPS and redirects HTTP; without one it speaks plain HTTP and warns.
    `alternate_target` tells ECS how to move requests in a blue/green deployment.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        choice: NewLoadBalancer,
        network: Network,
        target_groups: TargetGroups,
        timeouts: Timeouts,
        domain: Domain | None,
        rule_changes: bool = False,
        removal_policy: RemovalPolicy,
        membership: Membership | None = None,
        health_path: str = "/",
    ) -> None:
        """Create it; with `rule_changes` something moves requests by the rule `rule`.

        A fleet's `membership` makes records for its name, with a health check of `health_path`.
        """
        super().__init__(scope, id)
        self._target_groups = target_groups
        self._rule_changes = rule_changes
        self.rule: elbv2.ApplicationListenerRule | None = None
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
        # ECS changes the weights of rules, not of default actions: with two groups a rule forwards. The
        # default forwards too, so that no request is lost while the rule is made or goes.
        action = target_groups.to_tasks
        if domain is None:
            self.url = f"http://{self.own_load_balancer.load_balancer_dns_name}"
            listener = self.own_load_balancer.serve_http(action)
            self.alternate_target = self._add_rules(listener, None, [])
            return
        self.url = f"https://{domain.name}"
        names = DomainNames(self, "Domain", domain=domain)
        certificates = names.certificates()
        self.https_listener = self.own_load_balancer.serve_https(domain, certificates, action)
        self.alternate_target = self._add_rules(self.https_listener, domain, certificates)
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
            target = targets.LoadBalancerTarget(self.own_load_balancer)
            names.point_to(target, ipv6=network.dual_stack, elsewhere=membership.domain if membership else "")
            if membership:
                names.join(
                    membership,
                    self.own_load_balancer,
                    health_path=health_path,
                    follow_targets=target_groups.second is None,
                    ipv6=network.dual_stack,
                )

    def _add_rules(
        self,
        listener: elbv2.ApplicationListener,
        domain: Domain | None,
        certificates: list[acm.ICertificate],
    ) -> ecs.AlternateTarget | None:
        groups = self._target_groups
        if groups.second is None and not self._rule_changes:
            return None
        # The last rule, so that any other rule of the listener comes before it.
        production, test = self._rule("Rule", listener, LAST_PRIORITY), None
        self.rule = production
        if groups.test_port:
            test_listener = self.own_load_balancer.serve_test(groups.test_port, domain, certificates)
            test = self._rule("TestRule", test_listener, 1)
        return groups.alternate_target(production, test)

    def _rule(
        self, id: str, listener: elbv2.ApplicationListener, priority: int
    ) -> elbv2.ApplicationListenerRule:
        return elbv2.ApplicationListenerRule(
            self,
            id,
            listener=listener,
            priority=priority,
            conditions=[elbv2.ListenerCondition.path_patterns(["/*"])],
            action=self._target_groups.forward,
        )
