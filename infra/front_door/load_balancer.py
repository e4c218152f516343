"""Create the environment's own load balancer, with its security group, listeners and logs."""

from aws_cdk import Annotations, Duration, RemovalPolicy
from aws_cdk import aws_certificatemanager as acm
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_elasticloadbalancingv2 as elbv2
from constructs import Construct

from infra.acknowledge import acknowledge
from infra.front_door.access_logs import LoadBalancerLogs
from infra.front_door.ingress import peers
from infra.front_door.web_acl import WebAcl
from infra.network import Network
from infra.parameters import CloudFront, Domain, Internet, NewLoadBalancer, Timeouts, is_internal

_TLS_POLICIES = {
    "ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09": elbv2.SslPolicy.TLS13_12_RES_PQ,
    "ELBSecurityPolicy-TLS13-1-3-PQ-2025-09": elbv2.SslPolicy.TLS13_13_PQ,
}

# The answer to requests that no rule matches.
NOT_FOUND = elbv2.ListenerAction.fixed_response(404, content_type="text/plain", message_body="Not found\n")


class LoadBalancer(elbv2.ApplicationLoadBalancer):
    """An Application Load Balancer that only its ingress can reach, and that can reach only tasks."""

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        choice: NewLoadBalancer,
        network: Network,
        timeouts: Timeouts,
        removal_policy: RemovalPolicy,
    ) -> None:
        internal = is_internal(choice)
        public = ec2.SubnetSelection(subnet_type=ec2.SubnetType.PUBLIC)
        # CloudFront reaches origins by IPv4, also for viewers with IPv6.
        ipv6 = network.dual_stack and not isinstance(choice.ingress, CloudFront)
        self.group = ec2.SecurityGroup(
            scope,
            f"{id}Group",
            vpc=network.vpc,
            allow_all_outbound=False,
            description="The load balancer: reached by its ingress, reaches the tasks",
        )
        super().__init__(
            scope,
            id,
            vpc=network.vpc,
            vpc_subnets=network.internal_subnets if internal else public,
            internet_facing=not internal,
            ip_address_type=elbv2.IpAddressType.DUAL_STACK if ipv6 else elbv2.IpAddressType.IPV4,
            security_group=self.group,
            idle_timeout=Duration.seconds(timeouts.alb_idle_s),
            client_keep_alive=Duration.seconds(choice.client_keep_alive_s),
            http2_enabled=True,
            drop_invalid_header_fields=True,
            desync_mitigation_mode=elbv2.DesyncMitigationMode.DEFENSIVE,
            # The service relies on the number of entries: each proxy appends exactly one.
            xff_header_processing_mode=elbv2.XffHeaderProcessingMode.APPEND,
            preserve_host_header=True,
            waf_fail_open=False,
        )
        if removal_policy != RemovalPolicy.DESTROY:
            # infra/release/protection.py sets it, once the stack was created.
            self.remove_attribute("deletion_protection.enabled")
        # Free of charge; it lets you, or AWS, move traffic out of an impaired zone.
        # https://docs.aws.amazon.com/elasticloadbalancing/latest/application/zonal-shift.html
        self.set_attribute("zonal_shift.config.enabled", "true")
        self._ingress = choice.ingress
        self._peers = peers(choice.ingress, network, self.stack.region)
        self._log(choice.log_days, removal_policy)
        if choice.waf:
            WebAcl(
                self,
                "Waf",
                waf=choice.waf,
                load_balancer_arn=self.load_balancer_arn,
                removal_policy=removal_policy,
            )
        if isinstance(choice.ingress, Internet):
            acknowledge(
                self.group,
                rule="AwsSolutions-EC23",
                reason="A public website: the whole internet may reach the load balancer, and nothing else.",
            )

    def serve_https(
        self,
        domain: Domain,
        certificates: list[acm.ICertificate],
        action: elbv2.ListenerAction,
    ) -> elbv2.ApplicationListener:
        """Answer HTTPS with the action and, with `redirect_http`, redirect HTTP to HTTPS."""
        listener = self.add_listener(
            "Https",
            port=443,
            open=False,
            certificates=certificates,
            ssl_policy=_TLS_POLICIES[domain.tls_policy],
            default_action=action,
        )
        self._admit(443)
        # CloudFront redirects by itself. Its prefix list counts as 55 of the 60 rules of a security group.
        if domain.redirect_http and not isinstance(self._ingress, CloudFront):
            self.add_listener(
                "Http",
                port=80,
                open=False,
                default_action=elbv2.ListenerAction.redirect(protocol="HTTPS", port="443", permanent=True),
            )
            self._admit(80)
        return listener

    def serve_http(self, action: elbv2.ListenerAction) -> elbv2.ApplicationListener:
        """Answer plain HTTP with the action, and warn that nothing is encrypted."""
        listener = self.add_listener(
            "Http", port=80, protocol=elbv2.ApplicationProtocol.HTTP, open=False, default_action=action
        )
        self._admit(80)
        Annotations.of(self).add_warning_v2(
            "flask-fargate:plain-http",
            "No domain, so no certificate: everyone between the browser and the load balancer can read and "
            "change what is sent. Set domain in infra/environments.py before real users come.",
        )
        return listener

    def serve_test(
        self, port: int, domain: Domain | None, certificates: list[acm.ICertificate]
    ) -> elbv2.ApplicationListener:
        """Create a second listener, on which a new version can be tested before users reach it."""
        listener = self.add_listener(
            "Test",
            port=port,
            protocol=elbv2.ApplicationProtocol.HTTPS if domain else elbv2.ApplicationProtocol.HTTP,
            open=False,
            certificates=certificates or None,
            ssl_policy=_TLS_POLICIES[domain.tls_policy] if domain else None,
            default_action=NOT_FOUND,
        )
        self._admit(port)
        return listener

    def _admit(self, port: int) -> None:
        for peer in self._peers:
            self.group.add_ingress_rule(peer, ec2.Port.tcp(port))

    def _log(self, log_days: int | None, removal_policy: RemovalPolicy) -> None:
        if log_days:
            LoadBalancerLogs(
                self, "Logs", load_balancer=self, log_days=log_days, removal_policy=removal_policy
            )
        else:
            acknowledge(
                self,
                rule="AwsSolutions-ELB2",
                reason="Access logs fill a bucket that costs money; log_days is not set here.",
            )
