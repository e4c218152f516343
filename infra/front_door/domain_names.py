"""Create the certificate and the DNS records of a domain."""

from typing import Any, cast

from aws_cdk import Annotations, Duration, Stack
from aws_cdk import aws_certificatemanager as acm
from aws_cdk import aws_elasticloadbalancingv2 as elbv2
from aws_cdk import aws_route53 as route53
from aws_cdk import aws_route53_targets as targets
from constructs import Construct

from infra.parameters import Domain, Membership

# Three failures of checks that come every 30 s, Route 53's own defaults (docs/fleet.md).
_CHECK_EVERY_S = 30
_FAILURES = 3


class DomainNames(Construct):
    """Certificates that are given or created for the domain's names, and records in its zone, if any."""

    def __init__(self, scope: Construct, id: str, *, domain: Domain) -> None:
        super().__init__(scope, id)
        self._domain = domain
        if domain.name.endswith(".example.com"):
            Annotations.of(self).add_warning_v2(
                "flask-fargate:example-domain",
                f"{domain.name} belongs to nobody and cannot be deployed to AWS. "
                "Set your own domain in infra/environments.py.",
            )
        self._zone = (
            route53.HostedZone.from_hosted_zone_attributes(
                self, "Zone", hosted_zone_id=domain.hosted_zone_id, zone_name=domain.hosted_zone_name or ""
            )
            if domain.hosted_zone_id
            else None
        )

    def certificates(self) -> list[acm.ICertificate]:
        """Return the given certificates, or create one for all names and prove it in the zone."""
        if given := self._domain.certificate_arns:
            return [
                acm.Certificate.from_certificate_arn(self, f"Certificate{number}", arn)
                for number, arn in enumerate(given, start=1)
            ]
        return [
            acm.Certificate(
                self,
                "Certificate",
                domain_name=self._domain.name,
                subject_alternative_names=list(self._domain.aliases) or None,
                validation=acm.CertificateValidation.from_dns(self._zone),
            )
        ]

    def point_to(self, target: route53.IAliasRecordTarget, *, ipv6: bool, elsewhere: str = "") -> None:
        """Create an A record for each name but `elsewhere` and, with `ipv6`, an AAAA record.

        Without a zone do nothing.
        """
        if self._zone is None:
            return
        for name in (each for each in self._domain.names if each != elsewhere):
            for kind, record in _records(ipv6=ipv6).items():
                record(
                    self,
                    f"{kind}-{name}",
                    zone=self._zone,
                    record_name=name,
                    target=route53.RecordTarget.from_alias(target),
                )

    def join(
        self,
        membership: Membership,
        balancer: elbv2.ApplicationLoadBalancer,
        *,
        health_path: str,
        follow_targets: bool,
        ipv6: bool,
    ) -> None:
        """Create this member's records for the fleet's name, left out while the member is not healthy.

        The check comes from outside. With `follow_targets` the alias looks at the targets' health, too,
        which is faster; to Route 53 a target group without targets is unhealthy, such as the second of two.
        https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/resource-record-sets-values-weighted-alias.html
        """
        if self._zone is None:
            return
        check = route53.HealthCheck(
            self,
            "HealthCheck",
            type=route53.HealthCheckType.HTTPS,
            fqdn=self._domain.name,
            resource_path=health_path,
            request_interval=Duration.seconds(_CHECK_EVERY_S),
            failure_threshold=_FAILURES,
        )
        for kind, record in _records(ipv6=ipv6).items():
            made = record(
                self,
                # The id that a plain record of this name has: so that it is changed in place, without a gap.
                f"{kind}-{membership.domain}",
                zone=self._zone,
                record_name=membership.domain,
                health_check=check,
                target=route53.RecordTarget.from_alias(targets.LoadBalancerTarget(balancer)),
            )
            plain = cast("route53.CfnRecordSet", made.node.default_child)
            plain.set_identifier = self._domain.name
            # All as L1: the L2 refuses a failover that does not follow the targets.
            plain.add_property_override("AliasTarget.EvaluateTargetHealth", follow_targets)
            match membership.routing:
                case "latency":
                    plain.region = Stack.of(self).region
                case "weighted":
                    plain.weight = membership.weight
                case "failover":
                    plain.failover = "PRIMARY" if membership.primary else "SECONDARY"


def _records(*, ipv6: bool) -> dict[str, Any]:
    return {"A": route53.ARecord, "Aaaa": route53.AaaaRecord} if ipv6 else {"A": route53.ARecord}
