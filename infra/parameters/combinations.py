"""Refuse parameters that cannot work together, in the names that the team has written."""

from collections.abc import Iterator

from infra.parameters.cache_checks import cache_problems
from infra.parameters.chat_checks import chat_problems
from infra.parameters.cloudfront_checks import cloudfront_problems, is_internal
from infra.parameters.configuration_checks import configuration_problems
from infra.parameters.database_checks import database_problems
from infra.parameters.deployment_checks import deployment_problems, schedule_problems
from infra.parameters.egress import NatGateways
from infra.parameters.fields import EnvironmentFields
from infra.parameters.load_balancer import ExistingLoadBalancer, NewLoadBalancer, SharedLoadBalancer
from infra.parameters.mail_checks import mail_problems
from infra.parameters.network import ExistingVpc, NewVpc
from infra.parameters.sleep_checks import sleep_problems
from infra.parameters.subnets import subnet_problems
from infra.parameters.uploads_checks import uploads_problems
from infra.parameters.worker_checks import worker_problems

# The most values in the conditions of one listener rule.
# https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-limits.html
LONGEST_RULE = 5


def contradiction(environment: EnvironmentFields) -> str | None:
    """Return the first contradiction, with the values given and what to set instead; None without one."""
    return next(
        (
            problem
            for check in (
                deployment_problems,
                schedule_problems,
                database_problems,
                cache_problems,
                uploads_problems,
                mail_problems,
                _subnets,
                subnet_problems,
                worker_problems,
                sleep_problems,
                chat_problems,
                _domain,
                cloudfront_problems,
                configuration_problems,
                _existing_load_balancer,
                _shared_load_balancer,
            )
            for problem in check(environment)
        ),
        None,
    )


def _subnets(environment: EnvironmentFields) -> Iterator[str]:
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


def _domain(environment: EnvironmentFields) -> Iterator[str]:
    domain, balancer = environment.domain, environment.load_balancer
    if domain is None:
        if not isinstance(balancer, NewLoadBalancer):
            yield "domain is missing, but a shared load balancer tells services apart by it: set domain"
        return
    if not isinstance(balancer, NewLoadBalancer) and len(domain.names) > LONGEST_RULE:
        yield (
            f"domain has {len(domain.names)} names, but the rule on a shared load balancer takes "
            f"{LONGEST_RULE}: use fewer aliases, or a wildcard"
        )
    if isinstance(balancer, NewLoadBalancer) and not (domain.certificate_arns or domain.hosted_zone_id):
        yield (
            f"domain '{domain.name}' has no certificate: set certificate_arns, "
            "or hosted_zone_id and hosted_zone_name to have one made"
        )


def _existing_load_balancer(environment: EnvironmentFields) -> Iterator[str]:
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


def _shared_load_balancer(environment: EnvironmentFields) -> Iterator[str]:
    balancer = environment.load_balancer
    if not isinstance(balancer, SharedLoadBalancer):
        return
    if balancer.owner == environment.name:
        yield f"load_balancer.owner is '{balancer.owner}' itself: name another environment, which has one"
    if "network" in environment.model_fields_set:
        yield (
            f"load_balancer is shared with '{balancer.owner}', whose network comes with it: "
            "remove network, or use a load balancer of your own"
        )
