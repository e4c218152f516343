"""Metrics and alerts are written as files of both vendors, and ask what the alarms on AWS ask."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from infra.contract import UNITS
from infra.elsewhere import (
    alert_policy,
    azure_alerts,
    google_mistakes,
    log_metrics,
    notes,
    notification_channel,
    template_mistakes,
)
from infra.parameters import Alarms, Environment, Google, Place, Tasks
from service.kit import cloud_logging, emf
from service.kit.counting import Interval
from tests.elsewhere.examples import AZURE, GOOGLE, PLACES, PORTABLE, at
from tools.elsewhere.alerting import alerting

both = pytest.mark.parametrize("place", PLACES, ids=lambda place: place.kind)
ASKED = PORTABLE.model_copy(
    update={"alarms": Alarms(email="ops@acme.org", error_percent=5, p95_latency_s=0.5)}
)
NAMES = ["Errors", "Latency", "Saturated", "ShedRequests", "WorkerRestarts", "TasksAtMax"]


def conditions(environment: Environment) -> dict[str, Any]:
    made = alert_policy(environment)["conditions"]
    return {each["displayName"].split()[1]: each["conditionThreshold"] for each in made}


def rules(environment: Environment) -> dict[str, Any]:
    made = azure_alerts(environment, AZURE)["resources"]
    return {
        each["name"].rpartition("-")[2]: each["properties"]["criteria"]["allOf"][0]
        for each in made
        if each["type"].endswith("/scheduledQueryRules")
    }


def mistakes(environment: Environment, place: Place) -> list[str]:
    if not isinstance(place, Google):
        return template_mistakes(azure_alerts(environment, place))
    written = {
        "AlertPolicy": [alert_policy(environment)],
        "LogMetric": log_metrics(environment),
        "NotificationChannel": [each for each in [notification_channel(environment)] if each],
    }
    return [fault for kind, each in written.items() for one in each for fault in google_mistakes(one, kind)]


@both
def test_metrics_alerts_and_whom_they_tell_are_valid_by_the_vendors_schemas(place: Place) -> None:
    assert mistakes(ASKED, place) == []
    assert len(log_metrics(ASKED)) == 8


def test_a_misspelt_field_or_word_is_refused() -> None:
    policy = alert_policy(ASKED)
    policy["conditions"][0]["conditionThreshold"]["thresholdvalue"] = 1
    policy["combiner"] = "ANY"
    assert len(google_mistakes(policy, "AlertPolicy")) == 2
    metric = {**log_metrics(ASKED)[0], "valueExtracter": "x"}
    assert len(google_mistakes(metric, "LogMetric")) == 1
    template = azure_alerts(ASKED, AZURE)
    template["resources"][0]["properties"]["emailReceiver"] = []
    template["resources"][1]["properties"]["criteria"]["allOf"][0]["operator"] = "Above"
    assert len(template_mistakes(template)) == 2


def test_every_metric_of_the_contract_is_one_of_google_or_measured_by_it() -> None:
    made = {each["name"].removeprefix("web-portable-") for each in log_metrics(ASKED)}
    assert made == UNITS.keys() - {"Latency"}
    assert "run.googleapis.com/request_latencies" in conditions(ASKED)["Latency"]["filter"]


def test_what_a_metric_takes_from_a_line_is_a_number_of_a_workers_line(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(cloud_logging, "_project", "acme-shop")
    interval = Interval()
    interval.saturation += [10.0, 20.0]
    line = cloud_logging.measured(emf.document(interval, restarts=1, labels={}))
    taken = {
        re.search(r"EXTRACT\(jsonPayload\.(\w+)\)", each["valueExtractor"])[1]  # type: ignore[index]
        for each in log_metrics(ASKED)
    }
    assert line["SaturationMean"] == 15
    # Streams are written while there are some.
    assert all(isinstance(line[name], int | float) for name in taken - {"Streams"})
    assert f'jsonPayload.logger="{line["logger"]}"' in log_metrics(ASKED)[0]["filter"]


def test_beside_google_the_workers_line_is_as_it_was() -> None:
    line = emf.document(Interval(), restarts=0, labels={})
    assert cloud_logging.measured(line) is line


def test_both_alert_of_the_same_and_ask_the_metrics_of_the_contract() -> None:
    assert list(conditions(ASKED)) == list(rules(ASKED)) == NAMES
    asked = {name for each in rules(ASKED).values() for name in re.findall(r"line\.(\w+)", each["query"])}
    assert asked - {"logger"} <= UNITS.keys()
    used = re.findall(r"user/web-portable-(\w+)", json.dumps(alert_policy(ASKED)))
    assert set(used) <= UNITS.keys()
    assert len(used) == 3


def test_thresholds_are_those_of_the_environment() -> None:
    google, azure = conditions(ASKED), rules(ASKED)
    assert google["Errors"]["thresholdValue"] == 0.05
    assert azure["Errors"]["threshold"] == 5
    assert google["Latency"]["thresholdValue"] == azure["Latency"]["threshold"] == 500
    assert google["TasksAtMax"]["thresholdValue"] == azure["TasksAtMax"]["threshold"] == 9


def test_requests_that_were_shed_are_no_errors_of_a_version() -> None:
    assert 'response_code!="503"' in conditions(ASKED)["Errors"]["filter"]
    assert "errors - shed" in rules(ASKED)["Errors"]["query"]


def test_a_service_that_does_not_scale_is_never_told_that_it_cannot() -> None:
    fixed = ASKED.model_copy(
        update={"tasks": Tasks(min=2, max=2, cpu=1024, memory_mib=2048, architecture="X86_64")}
    )
    assert list(conditions(fixed)) == list(rules(fixed)) == NAMES[:-1]


def test_the_mail_address_is_told_and_without_one_nobody_is() -> None:
    group, *others = azure_alerts(ASKED, AZURE)["resources"]
    assert group["properties"]["emailReceivers"][0]["emailAddress"] == "ops@acme.org"
    assert all(each["properties"]["actions"]["actionGroups"] == [group_id()] for each in others)
    assert (notification_channel(ASKED) or {})["labels"] == {"email_address": "ops@acme.org"}
    alone = PORTABLE.model_copy(update={"alarms": Alarms()})
    assert notification_channel(alone) is None
    assert {each["type"] for each in azure_alerts(alone, AZURE)["resources"]} == {
        "Microsoft.Insights/scheduledQueryRules"
    }


def group_id() -> str:
    return "[resourceId('Microsoft.Insights/actionGroups', 'web-portable')]"


@both
def test_what_no_alert_does_there_is_told(place: Place) -> None:
    asked = PORTABLE.model_copy(
        update={"alarms": Alarms(email="ops@acme.org", monthly_budget_usd=100, roll_back_deployments=False)}
    )
    said = [each.split(" is not carried over")[0] for each in notes(asked, at(place, asked))]
    assert {each for each in said if each.startswith("alarms")} == {
        "alarms.monthly_budget_usd",
        "alarms.roll_back_deployments",
    }


@both
def test_each_file_is_named_by_a_line_that_is_run_once_the_service_is_there(
    place: Place, tmp_path: Path
) -> None:
    steps = alerting(ASKED, at(place, ASKED), tmp_path)
    lines = "\n".join(line for step in steps for line in step.lines if step.when == "first")
    written = list(tmp_path.rglob("*.json"))
    assert len(written) == (10 if place.kind == "google" else 1)
    assert all(str(path) in lines for path in written)


def test_what_is_there_already_is_updated(tmp_path: Path) -> None:
    alerts = alerting(ASKED, GOOGLE, tmp_path)[1].lines
    assert all(" update " in line and " create " in line for line in alerts)
    assert '--set-notification-channels "$channel"' in alerts[1]
