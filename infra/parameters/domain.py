"""Define the host names of the service, with their certificates and their DNS zone."""

from collections.abc import Iterator
from typing import Literal, Self

from pydantic import Field, model_validator

from infra.parameters.formats import AliasName, CertificateArn, HostedZoneId, HostName
from infra.parameters.model import Parameters

# TLS 1.2 and 1.3 with forward secrecy, or 1.3 alone; clients need not know post-quantum key exchange.
# https://docs.aws.amazon.com/securityhub/latest/userguide/elb-controls.html#elb-17
TlsPolicy = Literal["ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09", "ELBSecurityPolicy-TLS13-1-3-PQ-2025-09"]


class Domain(Parameters):
    """The host names of the service, with their certificates and their DNS zone."""

    name: HostName = Field(description="host name of the service, such as www.example.org")
    aliases: tuple[AliasName, ...] = Field(
        default=(), description="further host names, such as *.example.com"
    )
    certificate_arns: tuple[CertificateArn, ...] = Field(
        default=(),
        description="ACM certificates in this region; by default one is created and validated in the zone",
    )
    hosted_zone_id: HostedZoneId | None = Field(
        default=None, description="zone of Route 53; without it you create the DNS records yourself"
    )
    hosted_zone_name: str | None = Field(default=None, description="name of that zone, such as example.com")
    redirect_http: bool = Field(default=True, description="redirect port 80 to HTTPS")
    tls_policy: TlsPolicy = Field(
        default="ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09", description="protocols and ciphers"
    )

    @property
    def names(self) -> tuple[str, ...]:
        """Return the name and its aliases."""
        return (self.name, *self.aliases)

    def covers(self, name: str) -> bool:
        """Return whether a certificate for these names is valid for `name`, also by a wildcard."""
        return name in self.names or f"*.{name.partition('.')[2]}" in self.names

    @model_validator(mode="after")
    def _has_a_whole_zone_or_none(self) -> Self:
        if (self.hosted_zone_id is None) != (self.hosted_zone_name is None):
            raise ValueError(
                f"hosted_zone_id ({self.hosted_zone_id}) and hosted_zone_name ({self.hosted_zone_name}) "
                "go together: set both or neither"
            )
        for stranger in self._names_outside_the_zone():
            raise ValueError(
                f"name or aliases has '{stranger}', which is not in hosted_zone_name "
                f"'{self.hosted_zone_name}': remove it, or give the zone it is in"
            )
        return self

    @model_validator(mode="after")
    def _has_each_name_once(self) -> Self:
        for name in self.names:
            if self.names.count(name) > 1:
                raise ValueError(f"name and aliases have '{name}' twice: remove it from aliases")
        return self

    def _names_outside_the_zone(self) -> Iterator[str]:
        if self.hosted_zone_name:
            for name in self.names:
                if not f".{name}".endswith(f".{self.hosted_zone_name}"):
                    yield name
