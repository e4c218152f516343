"""Check alarms, dashboards and event patterns."""

import json
from collections.abc import Iterator
from typing import Any

from infra.policy.refused.read import Problem, each, text, written
from infra.policy.template import Properties, dicts, number

_ALARM = "AWS::CloudWatch::Alarm"
_DAY_S, _WEEK_S, _HOUR_S = 86_400, 604_800, 3_600
_SHORT_PERIODS_S = (10, 20, 30)
_LONGEST_PATTERN = 2048
_MOST_WIDGETS = 500


def thresholds(template: Properties) -> Iterator[Problem]:
    """Yield each alarm that has nothing to compare its metric with."""
    for name, alarm in each(template, _ALARM):
        if "Threshold" not in alarm and "ThresholdMetricId" not in alarm:
            yield name, "the alarm has no Threshold: set one, or the ThresholdMetricId of a band"


def periods(template: Properties) -> Iterator[Problem]:
    """Yield each alarm that looks at other periods than CloudWatch evaluates."""
    for name, alarm in each(template, _ALARM):
        asked = [alarm, *(dicts_in(metric, "MetricStat") for metric in dicts(alarm.get("Metrics")))]
        seconds = [found for each_one in asked if (found := number(each_one.get("Period"))) is not None]
        seconds += [
            found for metric in dicts(alarm.get("Metrics")) if (found := number(metric.get("Period")))
        ]
        for period in seconds:
            if period not in _SHORT_PERIODS_S and (period < 60 or period % 60):
                yield name, f"Period is {period} s: use 10, 20, 30 or a multiple of 60"
        count, wanted = number(alarm.get("EvaluationPeriods")), number(alarm.get("DatapointsToAlarm"))
        if count and wanted and wanted > count:
            yield name, f"DatapointsToAlarm is {wanted}, more than EvaluationPeriods ({count}): lower it"
        longest = max(seconds, default=0)
        span, most = longest * (count or 0), _WEEK_S if longest >= _HOUR_S else _DAY_S
        if span > most:
            yield (
                name,
                f"it looks at {span} s, but at most {most} s can be evaluated: use fewer or shorter periods",
            )


def dashboards(template: Properties) -> Iterator[Problem]:
    """Yield each dashboard whose body is no JSON object with widgets."""
    for name, dashboard in each(template, "AWS::CloudWatch::Dashboard"):
        body = _joined(dashboard.get("DashboardBody"))
        if body is None:
            continue
        try:
            widgets = json.loads(body)["widgets"]
        except (ValueError, KeyError, TypeError):
            yield name, "DashboardBody is no JSON object with a list of widgets: write it with json.dumps"
            continue
        if isinstance(widgets, list) and len(widgets) > _MOST_WIDGETS:
            yield (
                name,
                f"it has {len(widgets)} widgets, and a dashboard takes {_MOST_WIDGETS}: make two of it",
            )


def patterns(template: Properties) -> Iterator[Problem]:
    """Yield each rule whose event pattern is longer than EventBridge takes."""
    for name, rule in each(template, "AWS::Events::Rule"):
        if isinstance(rule.get("EventPattern"), dict):
            length = len(written(rule["EventPattern"]))
            if length > _LONGEST_PATTERN:
                yield (
                    name,
                    (
                        f"EventPattern has about {length} characters, EventBridge takes {_LONGEST_PATTERN}: "
                        "split it into several rules"
                    ),
                )


def dicts_in(value: Properties, key: str) -> Properties:
    """Return an object inside another one; an empty one where there is none."""
    found = value.get(key)
    return found if isinstance(found, dict) else {}


def _joined(value: Any) -> str | None:
    """Return a text, also one that is joined with references; None for what only a deployment knows."""
    if isinstance(value, dict) and set(value) == {"Fn::Join"}:
        try:
            separator, parts = value["Fn::Join"]
            return str(separator).join(part if isinstance(part, str) else "x" for part in parts)
        except (TypeError, ValueError):
            return None
    return text(value)
