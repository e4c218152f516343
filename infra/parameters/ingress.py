"""Define who may reach a new load balancer, and the firewall before it."""

from typing import Literal

from pydantic import Field

from infra.parameters.formats import (
    Cidr,
    CloudFrontCertificateArn,
    CloudFrontWebAclArn,
    LogDays,
    UrlPath,
)
from infra.parameters.model import Parameters


class Internet(Parameters):
    """Everyone may reach the load balancer, which is internet-facing."""


class Cidrs(Parameters):
    """An internet-facing load balancer that only these networks may reach, such as an office's."""

    cidrs: tuple[Cidr, ...] = Field(min_length=1, description="networks, such as 203.0.113.0/24")


class InsideVpc(Parameters):
    """An internal load balancer without public address, for the VPC and networks connected to it."""

    cidrs: tuple[Cidr, ...] = Field(default=(), description="networks beside the VPC: peered VPCs and VPNs")


class CloudFront(Parameters):
    """A CloudFront distribution for everyone, which alone may reach the load balancer.

    It caches answers below `cached_path` only. Needs a domain.
    """

    certificate_arn: CloudFrontCertificateArn = Field(
        description="certificate in us-east-1 for the domain and its aliases"
    )
    private: bool = Field(
        default=True,
        description="make the load balancer internal (a VPC origin); otherwise it has public addresses",
    )
    cached_path: UrlPath = Field(
        default="/static/*", description="path pattern of answers that CloudFront caches"
    )
    web_acl_arn: CloudFrontWebAclArn | None = Field(
        default=None, description="web ACL of scope CLOUDFRONT, in us-east-1"
    )


Ingress = Internet | Cidrs | InsideVpc | CloudFront


class Waf(Parameters):
    """A web ACL with AWS's managed rules (core, known bad inputs, IP reputation) and a rate limit per client.

    About $10 a month and $0.60 for a million requests, for each environment that has one.
    https://aws.amazon.com/waf/pricing/
    """

    mode: Literal["count", "block"] = Field(
        default="count",
        description="count only reports: begin with it, read the log for some days, then block",
    )
    requests_per_5_minutes: int = Field(
        default=2000,
        ge=10,
        le=2_000_000_000,
        description="most requests of one client address; further ones are refused",
    )
    anonymous_ips: bool = Field(default=False, description="refuse anonymous proxies and hosting providers")
    log_days: LogDays = Field(default=30, description="days to keep the log of refused and counted requests")
