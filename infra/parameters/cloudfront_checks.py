"""Refuse environments that cannot work behind CloudFront."""

from collections.abc import Iterator

from infra.parameters.cloudfront_prefix_lists import CLOUDFRONT_PREFIX_LIST_IDS
from infra.parameters.egress import PublicIps
from infra.parameters.fields import EnvironmentFields
from infra.parameters.ingress import CloudFront, InsideVpc
from infra.parameters.load_balancer import NewLoadBalancer
from infra.parameters.network import NewVpc

# The longest time that CloudFront waits for an answer of its origin, s, unless AWS raises the quota.
# https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/DownloadDistValuesOrigin.html
CLOUDFRONT_READ_S = 60
# CloudFront waits this many seconds longer than the longest request: the load balancer answers 504 first.
CLOUDFRONT_RESERVE_S = 5


def is_internal(balancer: NewLoadBalancer) -> bool:
    """Return whether the load balancer has no public address."""
    ingress = balancer.ingress
    return isinstance(ingress, InsideVpc) or (isinstance(ingress, CloudFront) and ingress.private)


def cloudfront_problems(environment: EnvironmentFields) -> Iterator[str]:
    """Yield what an environment behind CloudFront lacks."""
    balancer, network = environment.load_balancer, environment.network
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
            "are not known: add the prefix list's id to infra/parameters/cloudfront_prefix_lists.py"
        )
    longest = CLOUDFRONT_READ_S - CLOUDFRONT_RESERVE_S
    if environment.longest_request_s > longest:
        yield (
            f"longest_request_s is {environment.longest_request_s}, but CloudFront answers 504 after "
            f"{CLOUDFRONT_READ_S} s: set it to {longest} or less, or choose another ingress"
        )
    # https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-vpc-origins.html
    if balancer.ingress.private and isinstance(network, NewVpc) and isinstance(network.egress, PublicIps):
        yield (
            "load_balancer.ingress is CloudFront with private=True, whose load balancer belongs in private "
            "subnets, but network.egress is PublicIps, without any: choose another egress, or private=False"
        )
