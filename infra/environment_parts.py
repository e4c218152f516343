"""The parts of an Environment that are more than one value."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from infra.parameters import Parameters, matching

HostName = Annotated[str, matching(r"([a-z0-9-]+\.)+[a-z]{2,}", "a host name such as app.example.com")]
CertificateArn = Annotated[str, matching(r"arn:[a-z-]+:acm:.+", "the ARN of a certificate in ACM")]
HostedZoneId = Annotated[str, matching(r"Z[A-Z0-9]+", "the id of a Route 53 zone such as Z0123456789")]
EmailAddress = Annotated[str, matching(r"\S+@\S+\.\S+", "an e-mail address")]


class ScalingTargets(Parameters):
    """What the autoscaler keeps: it adds a task above any target and removes one below all of them."""

    cpu_percent: int = Field(default=60, ge=10, le=90, description="average CPU of the tasks, %")
    requests_per_task_per_minute: int = Field(
        default=1000, ge=1, description="1000 keep 16 threads half busy at half a second each"
    )
    out_cooldown_s: int = Field(default=60, ge=0, description="pause after adding tasks, s")
    in_cooldown_s: int = Field(default=300, ge=0, description="pause after removing tasks, s")


class Egress(Parameters):
    """How tasks reach the internet, which they need at least to pull their image."""

    subnets: Literal["public", "private"] = Field(
        default="public",
        description="in public ones tasks have public IPs, open to the load balancer alone",
    )
    nat_gateways: int = Field(
        default=0, ge=0, description="for private subnets; one per zone survives the loss of a zone"
    )

    @model_validator(mode="after")
    def _private_subnets_have_a_way_out(self) -> Self:
        if self.subnets == "private" and self.nat_gateways == 0:
            raise ValueError(
                "private subnets with nat_gateways 0 have no way out, so tasks cannot pull their image: "
                "set nat_gateways to 1 or more, or subnets to 'public'"
            )
        if self.subnets == "public" and self.nat_gateways:
            raise ValueError(
                f"public subnets make no use of nat_gateways {self.nat_gateways}: "
                "set nat_gateways to 0, or subnets to 'private'"
            )
        return self


class Domain(Parameters):
    """The name users type, its certificate and its DNS zone."""

    name: HostName = Field(description="what users type")
    certificate_arn: CertificateArn | None = Field(
        default=None, description="by default a certificate is made and proven in the zone"
    )
    hosted_zone_id: HostedZoneId | None = Field(
        default=None, description="without a zone, the DNS record is yours to make"
    )
    hosted_zone_name: str | None = Field(default=None, description="the zone's own name")

    @model_validator(mode="after")
    def _has_a_certificate_or_a_zone(self) -> Self:
        if (self.hosted_zone_id is None) != (self.hosted_zone_name is None):
            raise ValueError(
                f"hosted_zone_id ({self.hosted_zone_id}) and hosted_zone_name ({self.hosted_zone_name}) "
                "go together: set both or neither"
            )
        if self.certificate_arn is None and self.hosted_zone_id is None:
            raise ValueError(
                f"'{self.name}' has no certificate: set certificate_arn, "
                "or hosted_zone_id and hosted_zone_name to have one made"
            )
        if self.hosted_zone_name and not f".{self.name}".endswith(f".{self.hosted_zone_name}"):
            raise ValueError(f"'{self.name}' is not in the zone '{self.hosted_zone_name}'")
        return self


class Alarms(Parameters):
    """When somebody is told, who, and whether a deployment that causes it is rolled back."""

    email: EmailAddress | None = Field(default=None, description="who is told, once it has been confirmed")
    error_percent: float = Field(default=1.0, gt=0, le=100, description="most answers that may be 5xx, %")
    p95_latency_s: float = Field(default=1.0, gt=0, description="slowest 95th percentile of answers, s")
    roll_back_deployments: bool = Field(default=True, description="undo a deployment that sets one off")
