"""Check schedules, scalable targets and scaling policies."""

import re
from collections import Counter
from collections.abc import Iterator

from infra.policy.refused.read import Problem, each, key_of, nested, text
from infra.policy.template import Properties, dicts, number

_TARGET = "AWS::ApplicationAutoScaling::ScalableTarget"
_POLICY = "AWS::ApplicationAutoScaling::ScalingPolicy"
# Field: its numbers, what else may stand in place of one, and both in words.
# https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html
_FIELDS = {
    "minute": (range(60), "", "0 to 59"),
    "hour": (range(24), "", "0 to 23"),
    "day": (range(1, 32), r"L|LW|\d+W", "1 to 31, L or W"),
    "month": (range(1, 13), "JAN|FEB|MAR|APR|MAY|JUN|JUL|AUG|SEP|OCT|NOV|DEC", "1 to 12 or JAN to DEC"),
    "weekday": (range(1, 8), r"(SUN|MON|TUE|WED|THU|FRI|SAT|[1-7])?L?", "1 to 7 or SUN to SAT"),
    "year": (range(1970, 2200), "", "1970 to 2199"),
}
_MOST_POLICIES, _MOST_ACTIONS, _MOST_STEPS = 50, 200, 20


def schedules(template: Properties) -> Iterator[Problem]:
    """Yield each schedule that is no rate, cron or at expression."""
    for name, rule in each(template, "AWS::Events::Rule"):
        yield from _expression(name, rule.get("ScheduleExpression"))
    for name, schedule in each(template, "AWS::Scheduler::Schedule"):
        yield from _expression(name, schedule.get("ScheduleExpression"))
    for name, target in each(template, _TARGET):
        for action in dicts(target.get("ScheduledActions")):
            yield from _expression(name, action.get("Schedule"))


def _expression(name: str, given: object) -> Iterator[Problem]:
    expression = text(given)
    if expression is None or re.fullmatch(r"at\(.*\)", expression):
        return
    if rate := re.fullmatch(r"rate\((\d+) (minute|hour|day)(s?)\)", expression):
        if (int(rate[1]) == 1) == bool(rate[3]) or rate[1] == "0":
            yield name, f"'{expression}' is no rate: write rate(1 hour) and rate(2 hours)"
        return
    cron = re.fullmatch(r"cron\((.*)\)", expression)
    fields = cron[1].split() if cron else []
    if len(fields) != len(_FIELDS):
        yield (
            name,
            (
                f"'{expression}' is no schedule: write cron(minute hour day month weekday year), or "
                "rate(5 minutes)"
            ),
        )
    elif (fields[2] == "?") == (fields[4] == "?"):
        yield (
            name,
            f"'{expression}' gives day and weekday both or neither: set one of them, and '?' for the other",
        )
    else:
        for part, (field, (numbers, names, words)) in zip(fields, _FIELDS.items(), strict=True):
            # What follows '/' is a step.
            values = re.split(r"[,#-]", re.sub(r"/\d+", "", part.upper()))
            if not all(
                value in ("*", "?") or number(value) in numbers or (value and re.fullmatch(names, value))
                for value in values
            ):
                yield name, f"'{expression}' has '{part}' as its {field}: use {words}"


def bounds(template: Properties) -> Iterator[Problem]:
    """Yield each scalable target whose fewest are more than its most."""
    for name, target in each(template, _TARGET):
        actions = [nested(action, "ScalableTargetAction") for action in dicts(target.get("ScheduledActions"))]
        for action in (target, *dicts(actions)):
            low, high = number(action.get("MinCapacity")), number(action.get("MaxCapacity"))
            if low is not None and high is not None and low > high:
                yield (
                    name,
                    f"MinCapacity is {low}, more than MaxCapacity ({high}): raise one or lower the other",
                )


def tracked_metrics(template: Properties) -> Iterator[Problem]:
    """Yield each target tracking policy whose metric nothing publishes for its target."""
    spaces = {name: text(target.get("ServiceNamespace")) for name, target in each(template, _TARGET)}
    for name, policy in each(template, _POLICY):
        tracking = policy.get("TargetTrackingScalingPolicyConfiguration")
        metric = text(nested(tracking, "PredefinedMetricSpecification", "PredefinedMetricType"))
        owner = nested(policy, "ScalingTargetId", "Ref")
        space = spaces.get(owner) if isinstance(owner, str) else text(policy.get("ServiceNamespace"))
        if metric == "ALBRequestCountPerTarget" and not nested(
            tracking, "PredefinedMetricSpecification", "ResourceLabel"
        ):
            yield (
                name,
                "ALBRequestCountPerTarget has no ResourceLabel: add that of a target group and its balancer",
            )
        if metric and metric.startswith("ECSService") and space not in (None, "ecs"):
            yield (
                name,
                f"{metric} is a metric of ECS, but its target is one of '{space}': choose a metric of that",
            )
        custom = nested(tracking, "CustomizedMetricSpecification")
        unnamed = isinstance(custom, dict) and not custom.get("Dimensions") and "Metrics" not in custom
        if unnamed and str(custom.get("Namespace", "")).startswith("AWS/"):
            yield (
                name,
                (
                    f"nothing publishes {custom.get('MetricName')} of {custom['Namespace']} without "
                    "Dimensions: add those of the resource"
                ),
            )


def amounts(template: Properties) -> Iterator[Problem]:
    """Yield each scalable target with more policies or scheduled actions, and policy with more steps."""
    policies = Counter(key_of(policy.get("ScalingTargetId")) for _, policy in each(template, _POLICY))
    for name, target in each(template, _TARGET):
        actions = len(dicts(target.get("ScheduledActions")))
        if actions > _MOST_ACTIONS:
            yield name, f"it has {actions} ScheduledActions, and a target takes {_MOST_ACTIONS}: merge some"
        given = policies[key_of({"Ref": name})]
        if given > _MOST_POLICIES:
            yield name, f"it has {given} scaling policies, and a target takes {_MOST_POLICIES}: use fewer"
    for name, policy in each(template, _POLICY):
        steps = len(dicts(nested(policy, "StepScalingPolicyConfiguration", "StepAdjustments")))
        if steps > _MOST_STEPS:
            yield name, f"it has {steps} StepAdjustments, and a policy takes {_MOST_STEPS}: merge some"
