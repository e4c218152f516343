import json
import re
from pathlib import Path
from typing import Any

import pytest
from aws_cdk.assertions import Annotations, Match, Template

from infra.application import empty_app
from infra.monitoring.saved_queries import QUERIES
from infra.parameters import Alarms, Environment, Tasks
from infra.stack import WebStack
from tests.infra.configured import template_of

ROOT = Path(__file__).parents[2]
ALARM = "AWS::CloudWatch::Alarm"
ALARMS = (
    *("TargetErrors", "BalancerErrors", "Latency", "UnhealthyTasks"),
    *("TasksAtMax", "NoTasks", "Saturated", "ShedRequests", "WorkerRestarts", "Memory"),
)


def alarms(template: Template) -> dict[str, dict[str, Any]]:
    """Return the alarms by the names of their constructs."""
    return {
        name: found["Properties"]
        for logical_id, found in template.find_resources(ALARM).items()
        for name in ALARMS
        if name in logical_id
    }


def test_watches_errors_latency_health_and_every_kind_of_shortage(template: Template) -> None:
    assert set(alarms(template)) == set(ALARMS)
    template.resource_count_is(ALARM, len(ALARMS))


def test_every_alarm_tells_the_topic_when_it_starts_and_when_it_ends(template: Template) -> None:
    for alarm in alarms(template).values():
        assert "Topic" in str(alarm["AlarmActions"])
        assert "Topic" in str(alarm["OKActions"])


def test_silence_is_not_an_alarm(template: Template) -> None:
    for alarm in alarms(template).values():
        assert alarm["TreatMissingData"] == "notBreaching"


def test_one_error_among_few_requests_is_no_error_rate(template: Template) -> None:
    expressions = [each.get("Expression") for each in alarms(template)["TargetErrors"]["Metrics"]]
    (rate,) = [each for each in expressions if each]
    assert rate.startswith("IF(requests - FILL(shed, 0) >= 20, ")
    assert rate.endswith(", 0)")


def test_what_is_shed_rolls_nothing_back(template: Template) -> None:
    metrics = {each["Id"]: each for each in alarms(template)["TargetErrors"]["Metrics"]}
    shed = metrics["shed"]["MetricStat"]["Metric"]
    assert (shed["Namespace"], shed["MetricName"]) == ("FlaskFargate", "ShedRequests")
    (rate,) = [each["Expression"] for each in metrics.values() if "Expression" in each]
    # CloudWatch's language, read as Python: FILL gives the metric, which is never missing here.
    text = rate.replace("IF(", "choose(")

    def percent(errors: int, requests: int, shed: int) -> float:
        names = {"errors": errors, "requests": requests, "shed": shed, "FILL": lambda value, _: value}
        return float(eval(text, {**names, "choose": lambda is_so, one, other: one if is_so else other}))

    assert percent(errors=900, requests=1000, shed=900) == 0
    assert percent(errors=910, requests=1000, shed=900) == 10
    assert percent(errors=5, requests=100, shed=0) == 5
    assert percent(errors=1, requests=919, shed=900) == 0
    assert "ShedRequests" not in str([alarms(template)[name] for name in ("Latency", "UnhealthyTasks")])


def test_one_slow_request_among_few_is_no_latency(template: Template) -> None:
    expressions = [each.get("Expression") for each in alarms(template)["Latency"]["Metrics"]]
    assert "IF(requests >= 20, FILL(latency, 0), 0)" in expressions


def test_visitors_before_the_first_task_roll_no_release_back(templates: dict[str, Template]) -> None:
    """Test that 503, which the load balancer answers without tasks, is told and undoes nothing."""
    for template in templates.values():
        found = alarms(template)
        subtracted = [each.get("Expression") for each in found["BalancerErrors"]["Metrics"]]
        assert "FILL(all, 0) - FILL(none, 0)" in subtracted
        assert "HTTPCode_ELB_503_Count" in str(found["NoTasks"])


def test_a_fixed_number_of_tasks_is_not_always_at_its_maximum() -> None:
    fixed = template_of(tasks=Tasks(min=2, max=2))
    assert "TasksAtMax" not in alarms(fixed)
    assert "TasksAtMax" in alarms(template_of(tasks=Tasks(min=2, max=3)))


def test_requests_by_version_are_a_table_which_logs_insights_can_draw(template: Template) -> None:
    (dashboard,) = template.find_resources("AWS::CloudWatch::Dashboard").values()
    body = str(dashboard["Properties"]["DashboardBody"])
    assert "by Version" in body
    assert "bin(" not in body


def test_the_budget_waits_until_its_topic_lets_it_in() -> None:
    made = template_of(alarms=Alarms(monthly_budget_usd=100))
    (budget,) = made.find_resources("AWS::Budgets::Budget").values()
    (policy,) = made.find_resources("AWS::SNS::TopicPolicy")
    assert policy in budget["DependsOn"]


def test_two_bad_minutes_of_three_set_a_release_alarm_off(template: Template) -> None:
    for name in ("TargetErrors", "BalancerErrors", "Latency", "UnhealthyTasks"):
        alarm = alarms(template)[name]
        assert (alarm["EvaluationPeriods"], alarm["DatapointsToAlarm"]) == (3, 2)


@pytest.mark.parametrize(("name", "max_tasks"), [("dev", 2), ("staging", 4), ("prod", 10)])
def test_tells_when_there_is_no_task_left_to_add(
    templates: dict[str, Template], name: str, max_tasks: int
) -> None:
    alarm = alarms(templates[name])["TasksAtMax"]
    assert alarm["Threshold"] == max_tasks - 1
    assert alarm["ComparisonOperator"] == "GreaterThanThreshold"


@pytest.mark.parametrize("name", ["staging", "prod"])
def test_a_release_that_sets_an_alarm_off_is_rolled_back(templates: dict[str, Template], name: str) -> None:
    (service,) = templates[name].find_resources("AWS::ECS::Service").values()
    rollback = service["Properties"]["DeploymentConfiguration"]["Alarms"]
    assert (rollback["Enable"], rollback["Rollback"]) == (True, True)
    assert len(rollback["AlarmNames"]) == 4
    assert "TasksAtMax" not in str(rollback["AlarmNames"])


def test_dev_deployments_ignore_alarms(templates: dict[str, Template]) -> None:
    templates["dev"].has_resource_properties(
        "AWS::ECS::Service", {"DeploymentConfiguration": {"Alarms": Match.absent()}}
    )


def test_alarms_and_budgets_of_this_account_alone_may_publish_to_the_topic(template: Template) -> None:
    (policy,) = template.find_resources("AWS::SNS::TopicPolicy").values()
    allowed = [
        each for each in policy["Properties"]["PolicyDocument"]["Statement"] if each["Effect"] == "Allow"
    ]
    bound = {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}}
    assert all(each["Condition"] == bound for each in allowed)
    assert all(service in str(allowed) for service in ("cloudwatch.amazonaws.com", "budgets.amazonaws.com"))


def test_a_failed_deployment_is_told_with_what_to_do_first(template: Template) -> None:
    template.has_resource_properties(
        "AWS::Events::Rule",
        {
            "EventPattern": Match.object_like(
                {
                    "source": ["aws.ecs"],
                    "detail-type": ["ECS Deployment State Change"],
                    "detail": {"eventName": ["SERVICE_DEPLOYMENT_FAILED"]},
                }
            )
        },
    )
    assert "make why" in str(template.find_resources("AWS::Events::Rule"))


def test_every_alarm_says_what_to_do_first(template: Template) -> None:
    for alarm in alarms(template).values():
        assert "First" in alarm["AlarmDescription"]
        assert "{" not in alarm["AlarmDescription"]


def test_what_an_alarm_says_to_run_exists(template: Template) -> None:
    makefiles = "".join(path.read_text() for path in (ROOT / "Makefile", *ROOT.glob("tools/*/*.mk")))
    told = "".join(alarm["AlarmDescription"] for alarm in alarms(template).values())
    commands = set(re.findall(r"`make ([a-z-]+)", told))
    assert commands
    assert {command for command in commands if f"\n{command}:" not in makefiles} == set()
    queries = set(re.findall(r"'([a-z ]+)'", told))
    assert queries
    assert queries <= set(QUERIES)


def test_a_shortage_pages_but_blames_no_release(templates: dict[str, Template]) -> None:
    (service,) = templates["prod"].find_resources("AWS::ECS::Service").values()
    undoing = str(service["Properties"]["DeploymentConfiguration"]["Alarms"])
    for name in ("TasksAtMax", "NoTasks", "Saturated", "ShedRequests", "WorkerRestarts", "Memory"):
        assert name in alarms(templates["prod"])
        assert name not in undoing


def test_the_page_says_which_alarm_rolls_back(templates: dict[str, Template]) -> None:
    page = (ROOT / "docs" / "operations.md").read_text()
    said = dict(re.findall(r"^\| `([A-Za-z]+)` \|.*\| (yes|no) \|$", page, re.MULTILINE))
    (service,) = templates["prod"].find_resources("AWS::ECS::Service").values()
    undoing = str(service["Properties"]["DeploymentConfiguration"]["Alarms"])
    beside = {"DeadTasks": "yes"}  # of deployments beside the old version alone
    assert said == beside | {name: "yes" if name in undoing else "no" for name in alarms(templates["prod"])}


def test_queries_are_saved_for_the_services_log(template: Template) -> None:
    saved = template.find_resources("AWS::Logs::QueryDefinition").values()
    assert {each["Properties"]["Name"].partition("/")[2] for each in saved} == set(QUERIES)
    for each in saved:
        assert "TaskLog" in str(each["Properties"]["LogGroupNames"])


def test_a_budget_is_watched_where_there_is_one() -> None:
    environment = Environment(name="test", alarms=Alarms(monthly_budget_usd=100))
    template = Template.from_stack(WebStack(empty_app(), "Web-test", environment=environment))
    (budget,) = template.find_resources("AWS::Budgets::Budget").values()
    assert budget["Properties"]["Budget"]["BudgetLimit"] == {"Amount": 100, "Unit": "USD"}
    assert budget["Properties"]["Budget"]["CostFilters"] == {"TagKeyValue": ["user:environment$test"]}
    told = [each["Notification"] for each in budget["Properties"]["NotificationsWithSubscribers"]]
    assert [(each["NotificationType"], each["Threshold"]) for each in told] == [
        ("ACTUAL", 80),
        ("FORECASTED", 100),
    ]


def test_there_is_no_budget_unless_asked(template: Template) -> None:
    template.resource_count_is("AWS::Budgets::Budget", 0)


def test_costs_are_tagged_with_the_environment(manifest: dict[str, Any]) -> None:
    for name in ("dev", "staging", "prod"):
        assert manifest["artifacts"][f"Web-{name}"]["properties"]["tags"]["environment"] == name


def test_the_dashboard_shows_every_alarm(template: Template) -> None:
    (dashboard,) = template.find_resources("AWS::CloudWatch::Dashboard").values()
    body = json.dumps(dashboard["Properties"]["DashboardBody"])
    for logical_id in template.find_resources(ALARM):
        assert logical_id in body


@pytest.mark.parametrize(
    ("email", "told"),
    [
        (None, "alarms.email is not set"),
        ("ops@example.com", "alarms.email is 'ops@example.com', an example"),
        ("ops@Mail.example.ORG", "alarms.email is 'ops@Mail.example.ORG', an example"),
        ("ops@test.dev", None),
        ("ops@myexample.com", None),
    ],
)
def test_a_synth_warns_where_nobody_hears_of_alarms(email: str | None, told: str | None) -> None:
    environment = Environment(name="test", alarms=Alarms(email=email))
    stack = WebStack(empty_app(), "Web-test", environment=environment)
    warnings = Annotations.from_stack(stack).find_warning("*", Match.string_like_regexp("nobody is told"))
    assert [str(each.entry.data).split(":")[0] for each in warnings] == ([told] if told else [])
