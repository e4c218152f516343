"""FrontDoor: the load balancer, its listeners, TLS, DNS and access log."""

from aws_cdk import Annotations, Duration, RemovalPolicy
from aws_cdk import aws_certificatemanager as acm
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_elasticloadbalancingv2 as elbv2
from aws_cdk import aws_route53 as route53
from aws_cdk import aws_route53_targets as targets
from constructs import Construct

from infra.access_log import AccessLog
from infra.acknowledged import acknowledge
from infra.environment_parts import Domain
from infra.timeouts import Timeouts


class FrontDoor(Construct):
    """An internet-facing load balancer that sends every request to `target_group`.

    With a domain it speaks HTTPS and redirects HTTP; without one it speaks plain HTTP and warns.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        vpc: ec2.IVpc,
        target_port: int,
        health_path: str,
        timeouts: Timeouts,
        domain: Domain | None,
        access_log_days: int | None,
        removal_policy: RemovalPolicy,
    ) -> None:
        super().__init__(scope, id)
        self.load_balancer = elbv2.ApplicationLoadBalancer(
            self,
            "LoadBalancer",
            vpc=vpc,
            internet_facing=True,
            idle_timeout=Duration.seconds(timeouts.alb_idle_s),
            drop_invalid_header_fields=True,
            desync_mitigation_mode=elbv2.DesyncMitigationMode.DEFENSIVE,
            deletion_protection=removal_policy == RemovalPolicy.RETAIN,
        )
        self.target_group = elbv2.ApplicationTargetGroup(
            self,
            "Targets",
            vpc=vpc,
            port=target_port,
            protocol=elbv2.ApplicationProtocol.HTTP,
            target_type=elbv2.TargetType.IP,
            # Requests take uneven times: the least busy task gets the next one.
            load_balancing_algorithm_type=elbv2.TargetGroupLoadBalancingAlgorithmType.LEAST_OUTSTANDING_REQUESTS,
            deregistration_delay=Duration.seconds(timeouts.deregistration_delay_s),
            health_check=elbv2.HealthCheck(
                path=health_path,
                healthy_http_codes="200",
                interval=Duration.seconds(timeouts.health_interval_s),
                timeout=Duration.seconds(timeouts.health_timeout_s),
                healthy_threshold_count=2,
                unhealthy_threshold_count=3,
            ),
        )
        if domain:
            self.url = f"https://{domain.name}"
            self._serve_https(domain)
        else:
            self.url = f"http://{self.load_balancer.load_balancer_dns_name}"
            self._serve_http()
        self._log_access(access_log_days, removal_policy)
        acknowledge(
            self.load_balancer,
            rule="AwsSolutions-EC23",
            reason="A public website: the whole internet may reach the load balancer, and nothing else.",
        )

    def _serve_https(self, domain: Domain) -> None:
        if domain.name.endswith(".example.com"):
            Annotations.of(self).add_warning_v2(
                "flask-fargate:example-domain",
                f"{domain.name} belongs to nobody and cannot be deployed to AWS. "
                "Set your own domain in infra/environments.py.",
            )
        zone = domain.hosted_zone_id and route53.HostedZone.from_hosted_zone_attributes(
            self, "Zone", hosted_zone_id=domain.hosted_zone_id, zone_name=domain.hosted_zone_name or ""
        )
        if domain.certificate_arn:
            certificate = acm.Certificate.from_certificate_arn(self, "Certificate", domain.certificate_arn)
        else:
            certificate = acm.Certificate(
                self,
                "Certificate",
                domain_name=domain.name,
                validation=acm.CertificateValidation.from_dns(zone or None),
            )
        self.load_balancer.add_listener(
            "Https",
            port=443,
            certificates=[certificate],
            ssl_policy=elbv2.SslPolicy.TLS13_12_RES_PQ,
            default_target_groups=[self.target_group],
        )
        self.load_balancer.add_listener(
            "Http",
            port=80,
            default_action=elbv2.ListenerAction.redirect(protocol="HTTPS", port="443", permanent=True),
        )
        if zone:
            route53.ARecord(
                self,
                "Alias",
                zone=zone,
                record_name=domain.name,
                target=route53.RecordTarget.from_alias(targets.LoadBalancerTarget(self.load_balancer)),
            )

    def _serve_http(self) -> None:
        self.load_balancer.add_listener(
            "Http",
            port=80,
            protocol=elbv2.ApplicationProtocol.HTTP,
            default_target_groups=[self.target_group],
        )
        Annotations.of(self).add_warning_v2(
            "flask-fargate:plain-http",
            "No domain, so no certificate: everyone between the browser and the load balancer can read and "
            "change what is sent. Set domain in infra/environments.py before real users come.",
        )

    def _log_access(self, days: int | None, removal_policy: RemovalPolicy) -> None:
        if days:
            log = AccessLog(self, "AccessLog", days=days, removal_policy=removal_policy)
            self.load_balancer.log_access_logs(log.bucket)
        else:
            acknowledge(
                self.load_balancer,
                rule="AwsSolutions-ELB2",
                reason="Access logs fill a bucket that costs money; access_log_days is not set here.",
            )
