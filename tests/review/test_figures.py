"""Test costs, forecasts, gates and the report's text, on templates made for the test."""

import json
from typing import Any

import pytest

from tests.review.small import TOPIC, template
from tools import prices
from tools.prices import HOURS_PER_MONTH, Rate
from tools.review.commits import Side
from tools.review.cost import cost, costlier
from tools.review.findings import Finding, findings
from tools.review.forecast import forecast
from tools.review.markdown import MARKER, markdown
from tools.review.numbers import numbers
from tools.review.outcome import Outcome, as_json
from tools.review.places import Place
from tools.review.reasons import Reason
from tools.review.resources import Change
from tools.review.review import Reviewed
from tools.review.sarif import sarif
from tools.review.synthesis import Synthesis
from tools.review.tables import table

SIDE = Side(ref="main", commit="0" * 40, tree="0" * 40)


def outcome(
    *environments: Reviewed, fail_on: tuple[str, ...] = ("dangerous",), accepted: bool = False
) -> Outcome:
    return Outcome(
        base=SIDE, head=SIDE, environments=[*environments], notes=[], fail_on=fail_on, accepted=accepted
    )


def service(
    *, tasks: int = 2, deployment: dict[str, Any] | None = None, spot: bool = False
) -> dict[str, Any]:
    """Return a service of 1 vCPU and 2 GB, checked every 10 s and drained for 30 s."""
    strategy = [{"CapacityProvider": "FARGATE", "Base": 1, "Weight": 0 if spot else 1}]
    strategy += [{"CapacityProvider": "FARGATE_SPOT", "Weight": 1}] if spot else []
    container = {"Name": "web", "Image": "i", "StopTimeout": 38, "Environment": []}
    bounds = {"MinCapacity": tasks, "MaxCapacity": 2 * tasks}
    return template(
        Task={
            "Type": "AWS::ECS::TaskDefinition",
            "Properties": {"Cpu": "1024", "Memory": "2048", "ContainerDefinitions": [container]},
        },
        Service={
            "Type": "AWS::ECS::Service",
            "Properties": {
                "TaskDefinition": {"Ref": "Task"},
                "CapacityProviderStrategy": strategy,
                "HealthCheckGracePeriodSeconds": 60,
                "DeploymentConfiguration": deployment or {},
            },
        },
        Scaling={"Type": "AWS::ApplicationAutoScaling::ScalableTarget", "Properties": bounds},
        Targets={
            "Type": "AWS::ElasticLoadBalancingV2::TargetGroup",
            "Properties": {
                "HealthCheckIntervalSeconds": 10,
                "HealthyThresholdCount": 2,
                "UnhealthyThresholdCount": 3,
                "TargetGroupAttributes": [{"Key": "deregistration_delay.timeout_seconds", "Value": "30"}],
            },
        },
    )


def test_what_stands_still_tasks_and_gateways_are_counted() -> None:
    gateway = {"Type": "AWS::EC2::NatGateway", "Properties": {}}
    found = cost({"Resources": {**service()["Resources"], "Nat": gateway}}, region="eu-west-1")
    task = (0.04048 + 2 * 0.004445) * HOURS_PER_MONTH
    assert found.fixed == pytest.approx(0.048 * HOURS_PER_MONTH)
    assert (found.at_min - found.fixed, found.at_max - found.fixed) == pytest.approx((2 * task, 4 * task))


def test_tasks_above_the_base_cost_less_on_spot() -> None:
    spot, on_demand = (cost(service(spot=each), region="eu-west-1") for each in (True, False))
    assert spot.at_min < on_demand.at_min
    assert spot.at_max - spot.at_min < on_demand.at_max - on_demand.at_min


def test_a_second_service_costs_too_and_hides_nothing_of_the_first() -> None:
    one = service()
    worker = {"TaskDefinition": {"Ref": "Task"}, "DesiredCount": 3}
    one["Resources"]["Service"]["Properties"]["LoadBalancers"] = [{"ContainerPort": 8000}]
    one["Resources"]["Scaling"]["Properties"]["ResourceId"] = {"Fn::GetAtt": ["Service", "Name"]}
    alone = cost(one, region="eu-west-1").at_min
    one["Resources"]["Worker"] = {"Type": "AWS::ECS::Service", "Properties": worker}
    both = cost(one, region="eu-west-1")
    assert both.at_min == pytest.approx(alone + 3 * alone / 2)
    assert numbers(one)["tasks, min"] == "2"


def test_a_type_without_a_price_is_counted_as_such_and_never_as_nothing() -> None:
    cluster = {"Type": "AWS::Redshift::Cluster", "Properties": {}}
    found = cost(template(One=cluster, Two=cluster, Topic=TOPIC), region="eu-west-1")
    assert found.unknown == {"AWS::Redshift::Cluster": 2}
    assert found.by_use == {"AWS::SNS::Topic": 1}
    report = markdown(outcome(Reviewed(name="dev", reasons=[Reason("look", "new")], costs=(None, found))))
    assert "Without a price in the table, and so missing: 2 AWS::Redshift::Cluster." in report


def test_a_property_with_a_price_of_its_own_is_said_to_be_missing() -> None:
    def balancer(**more: Any) -> dict[str, Any]:
        properties = {"Scheme": "internal", "Subnets": [], **more}
        return template(
            Web11111111={"Type": "AWS::ElasticLoadBalancingV2::LoadBalancer", "Properties": properties}
        )

    reserved = balancer(MinimumLoadBalancerCapacity={"CapacityUnits": 100})
    before, now = (cost(each, region="eu-west-1") for each in (balancer(), reserved))
    assert (before.uncounted, now.uncounted) == ([], ["Web.MinimumLoadBalancerCapacity"])
    (said,) = costlier(before, now)
    assert said.text == "it costs more, by what is not counted: Web.MinimumLoadBalancerCapacity"
    report = markdown(outcome(Reviewed(name="dev", reasons=[said], costs=(before, now))))
    assert "Billed beside that, and not counted: Web.MinimumLoadBalancerCapacity." in report


def test_a_region_without_prices_is_priced_as_another_and_says_so() -> None:
    found = cost(service(), region="sa-east-1")
    assert found.priced_as == "eu-west-1"
    report = markdown(outcome(Reviewed(name="dev", reasons=[Reason("look", "new")], costs=(None, found))))
    assert "sa-east-1 is not in the table: priced as eu-west-1." in report


def test_every_price_says_where_it_is_from_and_of_when() -> None:
    rates = [each for each in vars(prices).values() if isinstance(each, Rate)]
    assert rates
    assert all(rate.source.startswith("https://") and rate.of.startswith("20") for rate in rates)


BREAKER = {"DeploymentCircuitBreaker": {"Enable": True, "Rollback": True}}


@pytest.mark.parametrize(
    ("deployment", "done_s"),
    [
        ({}, 70 + 30 + 38),
        # At most 150 % of the tasks at once: half are replaced in each of two rounds.
        ({"MinimumHealthyPercent": 100, "MaximumPercent": 150}, 2 * (70 + 30 + 38)),
        ({"Strategy": "BLUE_GREEN", "BakeTimeInMinutes": 10}, 70 + 30 + 38 + 600),
        (
            {
                "Strategy": "CANARY",
                "BakeTimeInMinutes": 10,
                "CanaryConfiguration": {"CanaryPercent": 10, "CanaryBakeTimeInMinutes": 5},
            },
            70 + 30 + 38 + 900,
        ),
        (
            {
                "Strategy": "LINEAR",
                "BakeTimeInMinutes": 0,
                "LinearConfiguration": {"StepPercent": 25, "StepBakeTimeInMinutes": 2},
            },
            70 + 30 + 38 + 3 * 120,
        ),
    ],
)
def test_a_deployment_takes_what_its_numbers_add_up_to(deployment: dict[str, Any], done_s: int) -> None:
    found = forecast(service(deployment=deployment))
    assert found
    assert (found.serving_s, found.done_s, found.given_up_s) == (70, done_s, None)


def test_few_tasks_need_more_rounds_until_the_circuit_breaker_opens() -> None:
    rounds = [forecast(service(tasks=tasks, deployment=BREAKER)) for tasks in (1, 3)]
    # A failed round is the launch, the grace period and three failed checks.
    assert [each.given_up_s for each in rounds if each] == [3 * 140, 140]


@pytest.mark.parametrize(
    ("gate", "trips"),
    [("look", True), ("dangerous", False), ("destructive", True), ("widening", False)],
)
def test_each_gate_is_for_its_own(gate: str, trips: bool) -> None:
    environment = Reviewed(name="dev", reasons=[Reason("look", "an alarm is removed", "destructive")])
    found = outcome(environment, fail_on=(gate,))
    assert (bool(found.tripped), found.exit_code) == (trips, int(trips))


def test_without_a_gate_nothing_stops_it() -> None:
    assert (
        outcome(Reviewed(name="dev", reasons=[Reason("dangerous", "all of it")]), fail_on=()).exit_code == 0
    )


def test_names_from_the_code_under_review_stay_text() -> None:
    hostile = "<img src=x> @everybody | `rm`\n# title"
    assert table(("a",), [(hostile,)]).count("\n") == 2
    assert "\\|" in table(("a",), [(hostile,)])


def test_a_report_too_long_for_a_comment_is_cut_with_a_word() -> None:
    changes = [
        Change(f"Resource{number}", "AWS::SNS::Topic", "added", False, "note " * 20, [])
        for number in range(2000)
    ]
    environments = [
        Reviewed(name=name, reasons=[Reason("look", "much")], changes=changes) for name in "abcdef"
    ]
    long = outcome(*environments)
    assert len(markdown(long)) <= 60_000
    assert markdown(long).startswith(MARKER)
    assert len(as_json(long)["environments"][0]["resources"]) == 2000


def test_what_was_accepted_or_found_by_the_cdk_does_not_come_back_through_cfn_lint() -> None:
    resource = {"templatePath": "Web-dev.template.json", "logicalId": "Subnet"}
    place = {"constructPath": "Web-dev/Subnet", "cloudFormationResource": resource}
    accepted = {
        "ruleName": "W3010",
        "description": "zones",
        "violatingConstructs": [place],
        "reason": "given",
    }
    report = {"violations": [], "suppressedViolations": [accepted]}
    side = Synthesis(paths={"dev": "Web-dev"}, validation=[report])
    again = [Finding("W3010", "Subnet", "zones", False), Finding("E1", "Subnet", "bad", True)]
    found = findings("dev", base=Synthesis(), head=side, linted=([], again))
    assert [each.rule for each in found.new] == ["E1"]


def test_sarif_has_what_needs_eyes_at_its_line() -> None:
    grave, harmless, elsewhere = Reason("dangerous", "lost"), Reason("safe", "tags"), Reason("look", "more")
    where = {grave: Place("infra/environments.py", 7)}
    found = sarif(outcome(Reviewed(name="prod", reasons=[grave, harmless, elsewhere], places=where)))
    (run,) = found["runs"]
    assert (found["version"], [each["level"] for each in run["results"]]) == ("2.1.0", ["error", "warning"])
    assert {each["ruleId"] for each in run["results"]} <= {
        each["id"] for each in run["tool"]["driver"]["rules"]
    }
    first, second = run["results"]
    place = first["locations"][0]["physicalLocation"]
    assert place == {"artifactLocation": {"uri": "infra/environments.py"}, "region": {"startLine": 7}}
    assert first["message"]["text"] == "prod: lost"
    assert "locations" not in second


def test_the_json_can_be_written() -> None:
    found = outcome(Reviewed(name="dev", costs=(None, cost(service(), region="eu-west-1"))))
    assert json.loads(json.dumps(as_json(found)))["verdict"] == "no change"
