"""Write metrics that Google makes of the log, and the policy that alerts of them."""

from typing import Any

from infra.contract import UNITS
from infra.elsewhere.alerts import AT_MAX_MINUTES, LOGGER, SATURATED_PERCENT, Alert, alerts, known
from infra.parameters import Environment

Written = dict[str, Any]
# Cloud Run measures this itself: https://docs.cloud.google.com/monitoring/api/metrics_gcp_p_z#gcp-run
_OF_CLOUD_RUN = "Latency"
# A metric takes a number from a line, and no list. service/kit/cloud_logging.py
_MEMBERS = {"Saturation": "SaturationMean"}
# https://docs.cloud.google.com/monitoring/api/ref_v3/rest/v3/projects.metricDescriptors (UCUM)
_UNITS = {"PERCENT": "%", "COUNT": "1", "MILLISECONDS": "ms"}
_PERCENTS = {"linearBuckets": {"numFiniteBuckets": 20, "width": 5, "offset": 0}}
_NUMBERS = {"exponentialBuckets": {"numFiniteBuckets": 40, "growthFactor": 2, "scale": 1}}
_FIVE_MINUTES, _MINUTE = "300s", "60s"


def log_metrics(environment: Environment) -> list[Written]:
    """Return the metrics of the contract; each is the distribution of what the workers report."""
    name = f"web-{environment.name}"
    lines = (
        f'resource.type="cloud_run_revision" AND resource.labels.service_name="{name}" AND '
        f'jsonPayload.logger="{LOGGER}"'
    )
    return [
        {
            "name": f"{name}-{metric}",
            "description": f"{metric} of the workers of {name}, as infra/contract/metrics.py has it",
            "filter": lines,
            "valueExtractor": f"EXTRACT(jsonPayload.{_MEMBERS.get(metric, metric)})",
            "metricDescriptor": {
                "metricKind": "DELTA",
                "valueType": "DISTRIBUTION",
                "unit": _UNITS[unit.name],
            },
            "bucketOptions": _PERCENTS if unit.name == "PERCENT" else _NUMBERS,
        }
        for metric, unit in UNITS.items()
        if metric != _OF_CLOUD_RUN
    ]


def notification_channel(environment: Environment) -> Written | None:
    """Return whom the alerts tell; None if nobody."""
    if not environment.alarms.email:
        return None
    return {
        "type": "email",
        "displayName": f"web-{environment.name}",
        "labels": {"email_address": environment.alarms.email},
    }


def alert_policy(environment: Environment) -> Written:
    """Return the policy; a policy has six conditions at most, and there are no more.

    https://docs.cloud.google.com/monitoring/quotas (conditions)
    """
    name = f"web-{environment.name}"
    made = alerts(environment)
    return {
        "displayName": name,
        "combiner": "OR",
        "conditions": [
            {"displayName": f"{name} {each.name}", "conditionThreshold": _condition(each, name)}
            for each in made
        ],
        "documentation": {
            "mimeType": "text/markdown",
            "content": "\n".join(f"- **{each.name}**: {each.sentence}" for each in made),
        },
        "userLabels": {"environment": environment.name},
    }


def _condition(alert: Alert, name: str) -> Written:
    how = {
        "Errors": _errors,
        "Latency": _latency,
        "TasksAtMax": _instances,
    }.get(alert.name, _reported)(alert, name)
    return {"comparison": "COMPARISON_GT", "evaluationMissingData": "EVALUATION_MISSING_DATA_INACTIVE", **how}


def _errors(alert: Alert, name: str) -> Written:
    """Return the share of 5xx; requests that were shed are no errors of a version."""
    sums = [_aggregated("ALIGN_RATE", "REDUCE_SUM", _FIVE_MINUTES)]
    all_requests = _of("run.googleapis.com/request_count", name)
    failed = 'metric.labels.response_code_class="5xx" AND metric.labels.response_code!="503"'
    return {
        "filter": f"{all_requests} AND {failed}",
        "aggregations": sums,
        "denominatorFilter": all_requests,
        "denominatorAggregations": sums,
        "thresholdValue": alert.threshold / 100,
        "duration": _MINUTE,
    }


def _latency(alert: Alert, name: str) -> Written:
    return {
        "filter": _of("run.googleapis.com/request_latencies", name),
        "aggregations": [_aggregated("ALIGN_DELTA", "REDUCE_PERCENTILE_95", _FIVE_MINUTES)],
        "thresholdValue": alert.threshold,
        "duration": _MINUTE,
    }


def _instances(alert: Alert, name: str) -> Written:
    return {
        "filter": _of("run.googleapis.com/container/instance_count", name),
        "aggregations": [_aggregated("ALIGN_MAX", "REDUCE_SUM", _MINUTE)],
        "thresholdValue": alert.threshold,
        "duration": f"{AT_MAX_MINUTES * 60}s",
    }


def _reported(alert: Alert, name: str) -> Written:
    """Return a condition on a metric of the log: Google gives the mean of what workers report, and no sum.

    That mean is above 0 exactly when one of them has reported something.
    """
    metric = known("Saturation" if alert.name == "Saturated" else alert.name)
    return {
        "filter": _of(f"logging.googleapis.com/user/{name}-{metric}", name),
        "aggregations": [_aggregated("ALIGN_DELTA", "REDUCE_MEAN", _MINUTE)],
        "thresholdValue": SATURATED_PERCENT if alert.name == "Saturated" else 0,
        "duration": _FIVE_MINUTES,
    }


def _of(metric: str, name: str) -> str:
    return (
        f'metric.type="{metric}" AND resource.type="cloud_run_revision" AND '
        f'resource.labels.service_name="{name}"'
    )


def _aggregated(aligner: str, reducer: str, period: str) -> Written:
    return {"alignmentPeriod": period, "perSeriesAligner": aligner, "crossSeriesReducer": reducer}
