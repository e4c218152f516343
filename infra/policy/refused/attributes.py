"""Check the attributes of load balancers and target groups, which no schema holds."""

from collections.abc import Iterator

from infra.policy.refused.read import Problem, each, text
from infra.policy.template import Properties, dicts, number

_ELB = "AWS::ElasticLoadBalancingV2::"
_WEEK_S = 604_800
# Lowest and highest value; a slow start may also be 0, which is none.
_RANGES = {
    "client_keep_alive.seconds": (60, _WEEK_S),
    "deregistration_delay.timeout_seconds": (0, 3600),
    "idle_timeout.timeout_seconds": (1, 4000),
    "slow_start.duration_seconds": (30, 900),
    "stickiness.app_cookie.duration_seconds": (1, _WEEK_S),
    "stickiness.lb_cookie.duration_seconds": (1, _WEEK_S),
}


def ranges(template: Properties) -> Iterator[Problem]:
    """Yield each load balancer and target group with an attribute twice, or out of its range."""
    for kind in ("LoadBalancer", "TargetGroup"):
        for name, owner in each(template, f"{_ELB}{kind}"):
            if owner.get("Type", "application") != "application":
                continue
            seen: set[str] = set()
            for attribute in dicts(owner.get(f"{kind}Attributes")):
                key, value = text(attribute.get("Key")), number(attribute.get("Value"))
                if key is None:
                    continue
                if key in seen:
                    yield name, f"the attribute {key} is given twice: remove one"
                seen.add(key)
                low, high = _RANGES.get(key, (0, 0))
                none = key == "slow_start.duration_seconds" and value == 0
                if key in _RANGES and value is not None and not none and not low <= value <= high:
                    yield name, f"{key} is {value}: use {low} to {high}"
