"""Check the controls of Elastic Load Balancing."""

from collections.abc import Iterator

from tools.assembly import Properties, as_list, attributes, protected_by_the_stack, references
from tools.security.control import Finding, Findings, control
from tools.security.stack import Stack

_TYPE = "AWS::ElasticLoadBalancingV2::"
_NO_BALANCER = "no load balancer of its own"
_NO_LISTENER = "no listener of its own"
_NO_TARGETS = "no target group"
# https://docs.aws.amazon.com/securityhub/latest/userguide/elb-controls.html#elb-17
_RECOMMENDED_POLICIES = {
    f"ELBSecurityPolicy-TLS13-{version}"
    for version in (
        "1-3-2021-06",
        "1-3-FIPS-2023-04",
        "1-3-PQ-2025-09",
        "1-3-FIPS-PQ-2025-09",
        "1-2-Res-2021-06",
        "1-2-Res-FIPS-2023-04",
        "1-2-Res-PQ-2025-09",
        "1-2-Res-FIPS-PQ-2025-09",
    )
}


def _balancers(stack: Stack) -> dict[str, Properties]:
    return stack.of_type(f"{_TYPE}LoadBalancer")


def _application(stack: Stack) -> dict[str, Properties]:
    return {
        logical_id: properties
        for logical_id, properties in _balancers(stack).items()
        if properties.get("Type", "application") == "application"
    }


def _attributes(balancers: dict[str, Properties]) -> Iterator[tuple[str, dict[str, str]]]:
    for logical_id, properties in balancers.items():
        yield logical_id, attributes(properties.get("LoadBalancerAttributes"))


def _target_groups(stack: Stack, *without_types: str) -> dict[str, Properties]:
    return {
        logical_id: properties
        for logical_id, properties in stack.of_type(f"{_TYPE}TargetGroup").items()
        if properties.get("TargetType") not in without_types
    }


@control("ELB.1", absent="no HTTP listener")
def http_is_redirected(stack: Stack) -> Findings:
    """Require that HTTP listeners redirect to HTTPS."""
    for listener, properties in stack.of_type(f"{_TYPE}Listener").items():
        if properties.get("Protocol") == "HTTP":
            redirects = [each.get("RedirectConfig", {}) for each in properties["DefaultActions"]]
            to_https = any(each.get("Protocol") == "HTTPS" for each in redirects)
            yield Finding.of(listener, to_https, "it answers plain HTTP")


@control("ELB.4", absent=_NO_BALANCER)
def invalid_headers_are_dropped(stack: Stack) -> Findings:
    """Require that application load balancers drop invalid headers."""
    for balancer, values in _attributes(_application(stack)):
        drops = values.get("routing.http.drop_invalid_header_fields.enabled") == "true"
        yield Finding.of(balancer, drops, "it hands invalid headers on")


@control("ELB.5", absent=_NO_BALANCER)
def access_is_logged(stack: Stack) -> Findings:
    """Require that application load balancers write an access log."""
    for balancer, values in _attributes(_application(stack)):
        yield Finding.of(balancer, values.get("access_logs.s3.enabled") == "true", "it writes no access log")


@control("ELB.6", absent=_NO_BALANCER)
def deletion_is_refused(stack: Stack) -> Findings:
    """Require that load balancers are protected from deletion."""
    switched_on = protected_by_the_stack(stack.template)
    for balancer, values in _attributes(_balancers(stack)):
        kept = values.get("deletion_protection.enabled") == "true" or balancer in switched_on
        yield Finding.of(balancer, kept, "one call deletes it")


@control("ELB.12", absent=_NO_BALANCER)
def desync_is_mitigated(stack: Stack) -> Findings:
    """Require that application load balancers defend against request smuggling."""
    for balancer, values in _attributes(_application(stack)):
        mode = values.get("routing.http.desync_mitigation_mode", "defensive")
        yield Finding.of(balancer, mode in ("defensive", "strictest"), f"its desync mitigation is '{mode}'")


@control("ELB.13", absent=_NO_BALANCER)
def balancers_span_zones(stack: Stack) -> Findings:
    """Require that load balancers span two or more availability zones."""
    subnets = stack.of_type("AWS::EC2::Subnet")
    for balancer, properties in _balancers(stack).items():
        zones = {
            str(subnets[each["Ref"]]["AvailabilityZone"])
            if isinstance(each, dict) and each.get("Ref") in subnets
            else str(each)
            for each in as_list(properties.get("Subnets"))
        }
        yield Finding.of(balancer, len(zones) > 1, f"it is in {len(zones)} zone")


@control("ELB.16", absent=_NO_BALANCER, in_fsbp=False)
def balancers_have_a_web_acl(stack: Stack) -> Findings:
    """Require that application load balancers have a WAF."""
    guarded = {
        each
        for association in stack.of_type("AWS::WAFv2::WebACLAssociation").values()
        for each in references(association["ResourceArn"])
    }
    for balancer in _application(stack):
        yield Finding.of(balancer, balancer in guarded, "no web ACL is associated with it")


@control("ELB.17", absent="no HTTPS listener")
def tls_policies_are_recommended(stack: Stack) -> Findings:
    """Require that TLS listeners have one of the recommended security policies."""
    for listener, properties in stack.of_type(f"{_TYPE}Listener").items():
        if properties.get("Protocol") in ("HTTPS", "TLS"):
            policy = properties.get("SslPolicy", "the default")
            yield Finding.of(
                listener, policy in _RECOMMENDED_POLICIES, f"its policy {policy} is not recommended"
            )


@control("ELB.18", absent=_NO_LISTENER)
def listeners_are_encrypted(stack: Stack) -> Findings:
    """Require that every listener speaks TLS."""
    for listener, properties in stack.of_type(f"{_TYPE}Listener").items():
        protocol = properties.get("Protocol")
        yield Finding.of(listener, protocol in ("HTTPS", "TLS"), f"it speaks {protocol}")


@control("ELB.21", absent=_NO_TARGETS)
def health_checks_are_encrypted(stack: Stack) -> Findings:
    """Require that health checks go over HTTPS."""
    for group, properties in _target_groups(stack, "lambda").items():
        protocol = properties.get("HealthCheckProtocol", "HTTP")
        yield Finding.of(group, protocol == "HTTPS", f"health checks go over {protocol}")


@control("ELB.22", absent=_NO_TARGETS)
def targets_are_reached_over_tls(stack: Stack) -> Findings:
    """Require that load balancers reach their targets over TLS."""
    for group, properties in _target_groups(stack, "lambda", "alb").items():
        protocol = properties.get("Protocol")
        yield Finding.of(group, protocol in ("HTTPS", "TLS", "QUIC"), f"requests go over {protocol}")
