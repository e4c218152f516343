"""Read the scaling policies that are deployed through Application Auto Scaling's API."""

from typing import Any, NamedTuple

from tools.local_cloud.runner.step_policies import Stepped, stepped
from tools.rehearsal.policies import DELAY_S, Metric, Policies, TargetTracking

_PREDEFINED: dict[str, tuple[Metric, int]] = {
    "ECSServiceAverageCPUUtilization": ("cpu", 60),
    "ECSServiceAverageCPUUtilizationHighResolution": ("cpu", 20),
    "ALBRequestCountPerTarget": ("requests", 60),
}
# What AWS takes for a policy that says nothing:
# https://docs.aws.amazon.com/autoscaling/application/APIReference/API_TargetTrackingScalingPolicyConfiguration.html
_COOLDOWN_S = 300


class Scalable(NamedTuple):
    """A service that scales: its policies, and the names of those that are not played here."""

    resource: str
    policies: Policies
    steps: tuple[Stepped, ...]
    not_played: tuple[str, ...]


def scalable(client: Any, alarms: list[dict[str, Any]], *, lag_s: int) -> dict[str, Scalable]:
    """Return what scales, by the resource's id; a datapoint acts `lag_s` sooner, as ours come so late."""
    targets = client.describe_scalable_targets(ServiceNamespace="ecs")["ScalableTargets"]
    policies = client.describe_scaling_policies(ServiceNamespace="ecs")["ScalingPolicies"]
    return {
        target["ResourceId"]: _scalable(
            target,
            [each for each in policies if each["ResourceId"] == target["ResourceId"]],
            alarms,
            lag_s,
        )
        for target in targets
    }


def _scalable(
    target: dict[str, Any], policies: list[dict[str, Any]], alarms: list[dict[str, Any]], lag_s: int
) -> Scalable:
    chosen, steps, not_played, cooldowns = [], [], [], []
    for policy in policies:
        try:
            by_steps = stepped(policy, alarms)
        except (KeyError, TypeError, ValueError):  # an alarm of a kind that the kit does not make
            by_steps = None
        if by_steps:
            steps.append(by_steps)
            continue
        configuration = policy.get("TargetTrackingScalingPolicyConfiguration", {})
        known = _metric(configuration)
        if not known:
            not_played.append(policy["PolicyName"])
            continue
        metric, period_s = known
        chosen.append(
            TargetTracking(
                metric=metric,
                target=configuration["TargetValue"],
                period_s=period_s,
                delay_s=max(0, DELAY_S[period_s] - lag_s),
            )
        )
        cooldowns.append(
            tuple(configuration.get(f"Scale{way}Cooldown", _COOLDOWN_S) for way in ("Out", "In"))
        )
    return Scalable(
        target["ResourceId"],
        Policies(
            min_tasks=target["MinCapacity"],
            max_tasks=target["MaxCapacity"],
            tracked=tuple(chosen),
            # As in the rehearsal, all policies of a service share the pauses; the kit gives them the same.
            out_cooldown_s=max((out for out, _ in cooldowns), default=0),
            in_cooldown_s=max((into for _, into in cooldowns), default=0),
        ),
        tuple(steps),
        tuple(not_played),
    )


def _metric(configuration: dict[str, Any]) -> tuple[Metric, int] | None:
    predefined = configuration.get("PredefinedMetricSpecification", {}).get("PredefinedMetricType")
    custom = configuration.get("CustomizedMetricSpecification", {}).get("MetricName")
    return ("saturation", 60) if custom == "Saturation" else _PREDEFINED.get(predefined)
