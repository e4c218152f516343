"""Forecast how long the next deployment takes, from a template's health check, drain and bake times."""

import math
from typing import NamedTuple

from tools.assembly import Properties, Template, attributes, of_type, services
from tools.rehearsal.from_environment import START_S

# The rehearsal's start time includes one health check of 10 s; here checks are added separately.
_LAUNCH_S = START_S - 10
# https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-circuit-breaker.html
_LEAST_FAILURES, _MOST_FAILURES = 3, 200


class Forecast(NamedTuple):
    """Seconds: until new tasks serve, until the last old one is gone, until a bad release is given up."""

    how: str
    serving_s: int
    done_s: int
    given_up_s: int | None

    @property
    def text(self) -> str:
        """Return the forecast in one sentence."""
        bad = f"; a release that never gets healthy is given up after {_time(self.given_up_s)}"
        return (
            f"{self.how}: the first new tasks serve after about {_time(self.serving_s)}, the last old one is "
            f"gone after {_time(self.done_s)} at most{bad if self.given_up_s else ''}"
        )

    @property
    def figures(self) -> str:
        """Return the forecast's figures alone."""
        times = [_time(each) for each in (self.serving_s, self.done_s, self.given_up_s) if each]
        return f"{self.how}, {', '.join(times)}"


def forecast(template: Template) -> Forecast | None:
    """Return the forecast for a template's web service; None if it has no load balancer."""
    running = services(template)
    groups = of_type(template, "AWS::ElasticLoadBalancingV2::TargetGroup")
    if not running or not groups:
        return None
    service, group = running[0].properties, groups[0]
    settings = service.get("DeploymentConfiguration", {})
    interval_s = int(group.get("HealthCheckIntervalSeconds", 30))
    serving_s = _LAUNCH_S + interval_s * int(group.get("HealthyThresholdCount", 5))
    stop_s = max(int(each.get("StopTimeout", 30)) for each in running[0].task["ContainerDefinitions"])
    delays = attributes(group.get("TargetGroupAttributes"))
    drain_s = int(delays.get("deregistration_delay.timeout_seconds", "300"))
    how, waves, wait_s = _strategy(settings)
    failing_s = (
        _LAUNCH_S
        + int(service.get("HealthCheckGracePeriodSeconds", 0))
        + interval_s * int(group.get("UnhealthyThresholdCount", 2))
    )
    rounds = _rounds(settings, running[0].min_tasks)
    return Forecast(
        how=how,
        serving_s=serving_s,
        done_s=waves * (serving_s + drain_s + stop_s) + wait_s,
        given_up_s=rounds * failing_s if rounds else None,
    )


def _strategy(settings: Properties) -> tuple[str, int, int]:
    """Return the strategy's name, how many times tasks are started, and its waits in seconds."""
    bake_s = 60 * int(settings.get("BakeTimeInMinutes", 0))
    match settings.get("Strategy", "ROLLING"):
        case "CANARY":
            return "canary", 1, bake_s + 60 * int(settings["CanaryConfiguration"]["CanaryBakeTimeInMinutes"])
        case "LINEAR":
            steps = math.ceil(100 / float(settings["LinearConfiguration"]["StepPercent"])) - 1
            return (
                "linear",
                1,
                bake_s + 60 * steps * int(settings["LinearConfiguration"]["StepBakeTimeInMinutes"]),
            )
        case "BLUE_GREEN":
            return "blue/green", 1, bake_s
    # New tasks start together as far as MaximumPercent and MinimumHealthyPercent leave room.
    spare = int(settings.get("MaximumPercent", 200)) - int(settings.get("MinimumHealthyPercent", 100))
    return "rolling update", math.ceil(100 / max(1, spare)), 0


def _rounds(settings: Properties, tasks: int) -> int | None:
    """Return how often all tasks have to fail until the circuit breaker opens; None if it is off."""
    breaker = settings.get("DeploymentCircuitBreaker", {})
    if not breaker.get("Enable"):
        return None
    allowed = breaker.get("ThresholdConfiguration", {}).get("Value")
    failures = int(allowed) if allowed else min(_MOST_FAILURES, max(_LEAST_FAILURES, math.ceil(tasks / 2)))
    return math.ceil(failures / max(1, tasks))


def _time(seconds: int | None) -> str:
    minutes, rest = divmod(int(seconds or 0), 60)
    return f"{minutes} min {rest} s" if minutes and rest else f"{minutes} min" if minutes else f"{rest} s"
