"""Test that an idle service sleeps, what the function that wakes it may do, and where sleep is refused."""

from typing import Any

import pytest
from aws_cdk.assertions import Template
from pydantic import ValidationError

from infra.parameters import (
    PREVIEW_BOUNDARY,
    BlueGreen,
    Domain,
    Environment,
    Rolling,
    Sleep,
    explain,
)
from tests.infra.configured import statements, template_of
from tests.infra.test_shared_load_balancer import BY_IDS, VPC

CERTIFICATE = "arn:aws:acm:eu-west-1:123456789012:certificate/12345678-1234-1234-1234-123456789012"


@pytest.fixture(scope="module")
def made() -> Template:
    return template_of(removal="destroy", sleep=Sleep(after_idle_minutes=45))


def only(template: Template, kind: str, **properties: Any) -> tuple[str, dict[str, Any]]:
    """Return the logical id and the whole of the one resource of a type with these properties."""
    found = template.find_resources(kind, {"Properties": properties} if properties else {})
    ((logical_id, resource),) = found.items()
    return logical_id, dict(resource)


def test_awake_its_rule_leads_to_the_tasks(made: Template) -> None:
    tasks, _ = only(made, "AWS::ElasticLoadBalancingV2::TargetGroup", TargetType="ip")
    _, rule = only(made, "AWS::ElasticLoadBalancingV2::ListenerRule")
    assert rule["Properties"]["Actions"] == [{"TargetGroupArn": {"Ref": tasks}, "Type": "forward"}]
    assert rule["Properties"]["Priority"] == 50000  # after all others


def test_the_function_knows_its_service_and_when_it_is_idle(made: Template) -> None:
    (switch,) = (
        each["Properties"]["Environment"]["Variables"]
        for each in made.find_resources("AWS::Lambda::Function").values()
        if each["Properties"]["Handler"] == "functions.sleep.handler"
    )
    assert sorted(switch) == ["AFTER_IDLE_MINUTES", "CLUSTER", "FEWEST_TASKS", "RULE", "TASKS"]
    assert (switch["AFTER_IDLE_MINUTES"], switch["FEWEST_TASKS"]) == ("45", "2")


def test_a_deployment_wakes_it_first_so_that_the_new_version_has_to_be_healthy(made: Template) -> None:
    service, described = only(made, "AWS::ECS::Service")
    task = described["Properties"]["TaskDefinition"]
    before, after = sorted(made.find_resources("Custom::AwakeForDeployment"), key=lambda id: "After" in id)
    calls = made.find_resources("Custom::AwakeForDeployment")
    assert all(call["Properties"]["For"] == task for call in calls.values())
    assert before in described["DependsOn"]
    assert service in calls[after]["DependsOn"]


def test_its_function_is_called_every_five_minutes(made: Template) -> None:
    _, rule = only(made, "AWS::Events::Rule", ScheduleExpression="rate(5 minutes)")
    assert '"do":"look"' in str(rule["Properties"]["Targets"][0]["Input"])


def test_it_may_change_its_rule_and_the_services_of_its_cluster_alone(made: Template) -> None:
    rule, _ = only(made, "AWS::ElasticLoadBalancingV2::ListenerRule")
    rights = {str(each["Action"]): each for each in statements(made, "SleeperSwitchRole")}
    changing = {
        name: each["Resource"] for name, each in rights.items() if "Modify" in name or "Update" in name
    }
    assert changing["elasticloadbalancing:ModifyRule"] == {"Ref": rule}
    assert ":service/" in str(changing["['ecs:DescribeServices', 'ecs:UpdateService']"])
    assert len(changing) == 2
    everywhere = [each for each in rights.values() if each["Resource"] == "*"]
    assert all("Condition" in each or not _writes(each["Action"]) for each in everywhere)


def _writes(actions: str | list[str]) -> bool:
    listed = [actions] if isinstance(actions, str) else actions
    return not all(each.partition(":")[2].startswith(("Describe", "Get", "List")) for each in listed)


def test_load_balancers_of_this_account_alone_may_call_it(made: Template) -> None:
    _, permission = only(made, "AWS::Lambda::Permission", Principal="elasticloadbalancing.amazonaws.com")
    assert permission["Properties"]["SourceAccount"] == {"Ref": "AWS::AccountId"}


def test_asleep_no_alarm_goes_off(made: Template) -> None:
    tasks, _ = only(made, "AWS::ElasticLoadBalancingV2::TargetGroup", TargetType="ip")
    here, _ = only(made, "AWS::ElasticLoadBalancingV2::TargetGroup", TargetType="lambda")
    alarms = made.find_resources("AWS::CloudWatch::Alarm")
    assert [name for name, each in alarms.items() if here in str(each)] == []
    of_tasks = [each["Properties"] for each in alarms.values() if tasks in str(each)]
    assert of_tasks
    # Without tasks they have no data.
    assert {each["TreatMissingData"] for each in of_tasks} == {"notBreaching"}


def test_on_a_shared_load_balancer_its_own_rule_changes() -> None:
    template = template_of(
        removal="destroy",
        sleep=Sleep(),
        network=VPC,
        load_balancer=BY_IDS,
        domain=Domain(name="dev.test.dev", certificate_arns=(CERTIFICATE,)),
    )
    rule, _ = only(template, "AWS::ElasticLoadBalancingV2::ListenerRule")
    assert rule in str(template.find_resources("AWS::Lambda::Function"))


def test_without_it_there_is_no_function_and_no_rule() -> None:
    template = template_of(removal="destroy")
    template.resource_count_is("AWS::ElasticLoadBalancingV2::ListenerRule", 0)
    template.resource_count_is("Custom::AwakeForDeployment", 0)


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"removal": "retain"}, "removal is 'retain', as in production"),
        ({"deployment": BlueGreen()}, "sleep and deployment BlueGreen would both change"),
        ({"deployment": Rolling(alternate=True)}, "sleep and deployment.alternate would both change"),
        ({"deployment": Rolling(tls_change="prepare")}, "sleep and deployment.tls_change would both change"),
        ({"permissions_boundary": PREVIEW_BOUNDARY}, "previews may make no Lambda function"),
    ],
    ids=["production", "blue/green", "alternate", "TLS", "preview"],
)
def test_where_it_would_hurt_it_is_refused(given: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ValidationError) as refused:
        Environment(**{"name": "dev", "removal": "destroy", "sleep": Sleep(), **given})
    assert sentence in explain(refused.value)


def test_production_sleeps_only_when_asked_for() -> None:
    asked = Environment(name="prod", removal="retain", sleep=Sleep(although_retained=True))
    assert asked.sleep


@pytest.mark.parametrize("minutes", [9, 1441])
def test_it_sleeps_after_ten_minutes_to_a_day(minutes: int) -> None:
    with pytest.raises(ValidationError):
        Sleep(after_idle_minutes=minutes)
