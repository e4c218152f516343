"""Combinations of network, load balancer and domain that cannot work, in the words of who wrote them."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from infra.environment.cloudfront_prefix_lists import CLOUDFRONT_PREFIX_LIST_IDS
from infra.environment.egress import NatGateways
from infra.environment.ingress import CloudFront, InsideVpc
from infra.environment.load_balancer import ExistingLoadBalancer, NewLoadBalancer, SharedLoadBalancer
from infra.environment.network import ExistingVpc, NewVpc

if TYPE_CHECKING:
    from infra.environment import Environment

# CloudFront waits no longer for its origin without a raised quota.
# https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/DownloadDistValuesOrigin.html
CLOUDFRONT_LONGEST_READ_S = 60
# And reads for that much longer than the longest request, so that the load balancer ends it first.
CLOUDFRONT_RESERVE_S = 5


def contradiction(environment: "Environment") -> str | None:
    """The first thing that does not go together, what was given, and what to set instead."""
    return next(
        (
            problem
            for check in (_subnets, _domain, _cloudfront, _existing_load_balancer, _shared_load_balancer)
            for problem in check(environment)
        ),
        None,
    )


def _subnets(environment: "Environment") -> Iterator[str]:
    network, zones = environment.network, len(environment.availability_zones)
    if isinstance(network, NewVpc):
        if isinstance(network.egress, NatGateways) and network.egress.count > zones:
            yield (
                f"network.egress.count is {network.egress.count}, but there are only {zones} "
                "availability_zones: use at most one NAT gateway per zone"
            )
        return
    for kind, ids in (("public", network.public_subnet_ids), ("private", network.private_subnet_ids)):
        if ids and len(ids) != zones:
            yield (
                f"network.{kind}_subnet_ids has {len(ids)} ids for {zones} availability_zones: "
                "give one per zone, in the same order"
            )
    balancer = environment.load_balancer
    if isinstance(balancer, NewLoadBalancer):
        kind = "private" if is_internal(balancer) else "public"
        if not getattr(network, f"{kind}_subnet_ids"):
            yield (
                f"network.{kind}_subnet_ids is empty, but load_balancer.ingress is "
                f"{type(balancer.ingress).__name__}, which puts the load balancer there: give one id per zone"
            )


def is_internal(balancer: NewLoadBalancer) -> bool:
    """Whether the load balancer has no public address."""
    ingress = balancer.ingress
    return isinstance(ingress, InsideVpc) or (isinstance(ingress, CloudFront) and ingress.private)


def _domain(environment: "Environment") -> Iterator[str]:
    domain, balancer = environment.domain, environment.load_balancer
    if domain is None:
        if not isinstance(balancer, NewLoadBalancer):
            yield "domain is missing, but a shared load balancer tells services apart by it: set domain"
        return
    if isinstance(balancer, NewLoadBalancer) and not (domain.certificate_arns or domain.hosted_zone_id):
        yield (
            f"domain '{domain.name}' has no certificate: set certificate_arns, "
            "or hosted_zone_id and hosted_zone_name to have one made"
        )


def _cloudfront(environment: "Environment") -> Iterator[str]:
    balancer = environment.load_balancer
    if not isinstance(balancer, NewLoadBalancer) or not isinstance(balancer.ingress, CloudFront):
        return
    if environment.domain is None:
        yield (
            "load_balancer.ingress is CloudFront, which reaches the load balancer by HTTPS, "
            "but there is no domain to make its certificate for: set domain"
        )
    if environment.region not in CLOUDFRONT_PREFIX_LIST_IDS:
        yield (
            f"load_balancer.ingress is CloudFront, but its addresses in region '{environment.region}' "
            "are not known: add the prefix list's id to infra/environment/cloudfront_prefix_lists.py"
        )
    longest = CLOUDFRONT_LONGEST_READ_S - CLOUDFRONT_RESERVE_S
    if environment.longest_request_s > longest:
        yield (
            f"longest_request_s is {environment.longest_request_s}, but CloudFront answers 504 after "
            f"{CLOUDFRONT_LONGEST_READ_S} s: set it to {longest} or less, or choose another ingress"
        )


def _existing_load_balancer(environment: "Environment") -> Iterator[str]:
    balancer = environment.load_balancer
    if not isinstance(balancer, ExistingLoadBalancer):
        return
    if not isinstance(environment.network, ExistingVpc):
        yield (
            "load_balancer is an existing one and network is new, but a load balancer reaches only tasks in "
            "its own VPC: set network to ExistingVpc with that VPC's ids"
        )
    if balancer.idle_timeout_s <= environment.longest_request_s:
        yield (
            f"load_balancer.idle_timeout_s is {balancer.idle_timeout_s}, not above longest_request_s "
            f"({environment.longest_request_s}): slow requests would be answered 504; raise the load "
            "balancer's idle timeout, or lower longest_request_s"
        )


def _shared_load_balancer(environment: "Environment") -> Iterator[str]:
    balancer = environment.load_balancer
    if not isinstance(balancer, SharedLoadBalancer):
        return
    if balancer.owner == environment.name:
        yield f"load_balancer.owner is '{balancer.owner}' itself: name the environment that has one"
    if "network" in environment.model_fields_set:
        yield (
            f"load_balancer is shared with '{balancer.owner}', whose network comes with it: "
            "remove network, or use a load balancer of your own"
        )
