"""Ingress: who may reach a new load balancer, and what is filtered on the way."""

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
    """Everyone."""


class Cidrs(Parameters):
    """The internet-facing load balancer admits these networks alone, such as an office's."""

    cidrs: tuple[Cidr, ...] = Field(min_length=1, description="such as 203.0.113.0/24")


class InsideVpc(Parameters):
    """The VPC, and networks joined to it; the load balancer is internal and has no public address."""

    cidrs: tuple[Cidr, ...] = Field(default=(), description="of peered networks and VPNs, beside the VPC")


class CloudFront(Parameters):
    """Everyone, through a CloudFront distribution, past which nobody gets to the load balancer.

    Answers are not cached, except below `cached_path`. Needs a domain.
    """

    certificate_arn: CloudFrontCertificateArn = Field(
        description="of a certificate in us-east-1 for the domain and its aliases"
    )
    private: bool = Field(
        default=True, description="the load balancer is internal (a VPC origin); else it has public addresses"
    )
    cached_path: UrlPath = Field(default="/static/*", description="answers under it are cached at the edge")
    web_acl_arn: CloudFrontWebAclArn | None = Field(
        default=None, description="of a web ACL of scope CLOUDFRONT, in us-east-1"
    )


Ingress = Internet | Cidrs | InsideVpc | CloudFront


class Waf(Parameters):
    """A web ACL with AWS's managed rules (core, known bad inputs, IP reputation) and a rate limit per client.

    About $10 a month and $0.60 for a million requests. https://aws.amazon.com/waf/pricing/
    """

    mode: Literal["count", "block"] = Field(
        default="count", description="start with count, read the log, then block"
    )
    requests_per_5_minutes: int = Field(
        default=2000, ge=10, le=2_000_000_000, description="of one client address; more are refused"
    )
    anonymous_ips: bool = Field(default=False, description="refuse anonymous proxies and hosting providers")
    log_days: LogDays = Field(default=30, description="of the log of refused and counted requests")
