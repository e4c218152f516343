"""The parts of an Environment that are more than one value."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from infra.parameters import Parameters, matching


class ScalingTargets(Parameters):
    """What the autoscaler keeps: it adds a task above any target and removes one below all of them."""

    cpu_percent: Annotated[int, Field(ge=10, le=90, description="average CPU of the tasks")] = 60
    requests_per_task_per_minute: Annotated[
        int,
        Field(ge=1, description="requests a task; 1000 keep 16 threads half busy at half a second each"),
    ] = 1000
    out_cooldown_s: Annotated[int, Field(ge=0, description="pause after adding tasks")] = 60
    in_cooldown_s: Annotated[int, Field(ge=0, description="pause after removing tasks")] = 300


class Egress(Parameters):
    """How tasks reach the internet, which they need at least to pull their image."""

    subnets: Annotated[
        Literal["public", "private"],
        Field(description="public: tasks have public IPs, closed to all but the load balancer"),
    ] = "public"
    nat_gateways: Annotated[
        int, Field(ge=0, description="for private subnets; one per zone survives the loss of a zone")
    ] = 0

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

    name: Annotated[
        str,
        matching(r"([a-z0-9-]+\.)+[a-z]{2,}", "a host name such as app.example.com"),
        Field(description="what users type"),
    ]
    certificate_arn: Annotated[
        str | None,
        matching(r"arn:[a-z-]+:acm:.+", "the ARN of a certificate in ACM"),
        Field(description="by default one is made and proven in the zone"),
    ] = None
    hosted_zone_id: Annotated[
        str | None,
        matching(r"Z[A-Z0-9]+", "the id of a Route 53 zone such as Z0123456789"),
        Field(description="without a zone, the DNS record is yours to make"),
    ] = None
    hosted_zone_name: Annotated[str | None, Field(description="the zone's own name")] = None

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

    email: Annotated[
        str | None,
        matching(r"\S+@\S+\.\S+", "an e-mail address"),
        Field(description="who is told, once the address has been confirmed"),
    ] = None
    error_percent: Annotated[float, Field(gt=0, le=100, description="answers of 500 and above")] = 1.0
    p95_latency_s: Annotated[float, Field(gt=0, description="95th percentile of response times")] = 1.0
    roll_back_deployments: Annotated[bool, Field(description="undo a deployment that sets one off")] = True
