"""Create the certificate and the DNS records of a domain."""

from aws_cdk import Annotations
from aws_cdk import aws_certificatemanager as acm
from aws_cdk import aws_route53 as route53
from constructs import Construct

from infra.parameters import Domain


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

    def point_to(self, target: route53.IAliasRecordTarget, *, ipv6: bool) -> None:
        """Create an A record for each name and, with `ipv6`, an AAAA record; without a zone do nothing."""
        if self._zone is None:
            return
        records = {"A": route53.ARecord, "Aaaa": route53.AaaaRecord} if ipv6 else {"A": route53.ARecord}
        for name in self._domain.names:
            for kind, record in records.items():
                record(
                    self,
                    f"{kind}-{name}",
                    zone=self._zone,
                    record_name=name,
                    target=route53.RecordTarget.from_alias(target),
                )
