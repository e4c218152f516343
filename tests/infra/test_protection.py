"""Test that deletion protection comes last, goes first, and follows a load balancer that is replaced."""

from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk.assertions import Template
from botocore.session import get_session
from botocore.stub import Stubber

from infra.release.functions import protect as function
from tests.environments import ENVIRONMENTS
from tests.infra.configured import template_of
from tests.infra.parts import attributes, front_door

OLD = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/app/old/1"
NEW = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/app/new/2"
SWITCH = "Custom::LoadBalancerProtection"


def switched(kind: str, balancer: str = NEW, *, before: str | None = None) -> list[tuple[str, str]]:
    """Return the load balancers that an event changes, each with its new protection."""
    client = get_session().create_client(
        "elbv2", region_name="eu-west-1", aws_access_key_id="x", aws_secret_access_key="x"
    )
    asked: list[tuple[str, str]] = []

    def record(params: dict[str, Any], **_: object) -> None:
        asked.append((params["LoadBalancerArn"], params["Attributes"][0]["Value"]))

    client.meta.events.register("provide-client-params.elastic-load-balancing-v2.*", record)
    event: dict[str, Any] = {"RequestType": kind, "ResourceProperties": {"LoadBalancer": balancer}}
    if before:
        event["OldResourceProperties"] = {"LoadBalancer": before}
    with Stubber(client) as stub:
        for _ in range(2):
            stub.add_response("modify_load_balancer_attributes", {"Attributes": []})
        function.protect(event, client)
    return asked


def test_it_is_switched_on_when_made_and_off_before_the_stack_goes() -> None:
    assert switched("Create") == [(NEW, "true")]
    assert switched("Delete") == [(NEW, "false")]


def test_a_load_balancer_that_is_replaced_may_go() -> None:
    assert switched("Update", NEW, before=OLD) == [(NEW, "true"), (OLD, "false")]
    assert switched("Update", NEW, before=NEW) == [(NEW, "true")]


def test_a_failure_is_answered_and_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[str] = []
    monkeypatch.setattr(function, "answer", lambda _, reason: told.append(reason))
    function.handler({"RequestType": "Create", "ResourceProperties": {}}, None)
    [reason] = told
    assert reason.startswith("The load balancer's protection could not be changed: ")


def test_a_retained_load_balancer_is_protected_once_the_service_runs(templates: dict[str, Template]) -> None:
    template = templates["prod"]
    (switch,) = template.find_resources(SWITCH).values()
    (balancer,) = template.find_resources("AWS::ElasticLoadBalancingV2::LoadBalancer")
    (service,) = template.find_resources("AWS::ECS::Service")
    assert switch["Properties"]["LoadBalancer"] == {"Ref": balancer}
    assert service in switch["DependsOn"]
    assert any("SwitchRoleDefaultPolicy" in each for each in switch["DependsOn"])


def test_its_attribute_is_not_in_the_template_where_a_first_deploy_may_still_fail(stack: cdk.Stack) -> None:
    template = front_door(stack, removal_policy=cdk.RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE)
    assert "deletion_protection.enabled" not in attributes(template, "LoadBalancer")


def test_what_may_be_destroyed_has_no_protection(templates: dict[str, Template]) -> None:
    for environment in ENVIRONMENTS:
        if environment.removal == "destroy":
            templates[environment.name].resource_count_is(SWITCH, 0)


def test_it_may_change_the_environments_own_load_balancers_alone() -> None:
    template = template_of()
    found = [
        statement
        for policy in template.find_resources("AWS::IAM::Policy").values()
        for statement in policy["Properties"]["PolicyDocument"]["Statement"]
        if statement["Action"] == "elasticloadbalancing:ModifyLoadBalancerAttributes"
    ]
    assert [each["Condition"] for each in found] == [
        {"StringEquals": {"aws:ResourceTag/environment": "test"}}
    ]


def test_what_a_failed_first_deploy_made_does_not_stay() -> None:
    """Test all that is retained but the bucket, in which load balancers write a file at once."""
    retained = {
        each["Type"]: each["DeletionPolicy"]
        for each in template_of().to_json()["Resources"].values()
        if "Retain" in each.get("DeletionPolicy", "")
    }
    assert retained
    assert set(retained.values()) == {"RetainExceptOnCreate"}
