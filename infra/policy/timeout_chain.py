"""Compare the timeouts of load balancer, target group and container: rule `timeouts`."""

from collections.abc import Iterator
from itertools import product

from infra.parameters import timeout_conflicts
from infra.policy.template import Container, Finding, Properties, containers, dicts, number, of_type


def timeout_findings(template: Properties) -> Iterator[Finding]:
    """Yield each pair of timeouts that disagrees, for containers with the kit's variables."""
    # Application Load Balancers alone: the idle timeout of a Network Load Balancer means another thing.
    balancers = [
        _attribute(balancer, "LoadBalancerAttributes", "idle_timeout.timeout_seconds")
        for _, balancer in of_type(template, "AWS::ElasticLoadBalancingV2::LoadBalancer")
        if balancer.get("Type") == "application"
    ]
    delays = [
        _attribute(group, "TargetGroupAttributes", "deregistration_delay.timeout_seconds")
        for _, group in of_type(template, "AWS::ElasticLoadBalancingV2::TargetGroup")
        if group.get("Protocol") in ("HTTP", "HTTPS")
    ]
    for container in containers(template):
        for idle_s, delay_s in product(balancers, delays):
            if idle_s is not None and delay_s is not None:
                yield from _of_container(container, idle_s, delay_s)


def _of_container(container: Container, idle_s: int, delay_s: int) -> Iterator[Finding]:
    # The kit's proxies have the same variables as Gunicorn, without the prefix.
    variables = container.variables
    server, prefix = ("the proxy", "") if "KEEPALIVE_S" in variables else ("Gunicorn", "GUNICORN_")
    names = (f"{prefix}KEEPALIVE_S", f"{prefix}GRACEFUL_TIMEOUT_S", "LAME_DUCK_S")
    keepalive_s, graceful_s, lame_duck_s = (number(variables.get(name)) for name in names)
    stop_s = number(container.definition.get("StopTimeout"))
    if graceful_s is None or lame_duck_s is None or stop_s is None:
        return
    for sentence in timeout_conflicts(
        alb_idle_s=idle_s,
        keepalive_s=keepalive_s,
        deregistration_delay_s=delay_s,
        gunicorn_graceful_timeout_s=graceful_s,
        lame_duck_s=lame_duck_s,
        stop_timeout_s=stop_s,
        server=server,
    ):
        yield Finding("timeouts", container.logical_id, sentence)


def _attribute(resource: Properties, attributes: str, key: str) -> int | None:
    for pair in dicts(resource.get(attributes)):
        if pair.get("Key") == key:
            return number(pair.get("Value"))
    return None
