"""Test which resources `cdk destroy` leaves, by the policies in the templates."""

import re
from pathlib import Path
from typing import Any

import pytest
from aws_cdk.assertions import Template

from infra.application import empty_app
from infra.parameters import Alarms, Canary, Environment, NewLoadBalancer, NewSecret, NewVpc, Waf
from infra.stack import WebStack
from tests.environments import ENVIRONMENTS
from tests.infra.parts import DOMAIN

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "operations.md").read_text()

GO = [environment.name for environment in ENVIRONMENTS if environment.removal == "destroy"]
STAY = [environment.name for environment in ENVIRONMENTS if environment.removal == "retain"]


def resources(template: Template) -> dict[str, Any]:
    return dict(template.to_json()["Resources"])


def staying(template: Template) -> set[str]:
    return {
        resource["Type"]
        for resource in resources(template).values()
        if resource.get("DeletionPolicy", "Delete") != "Delete"
    }


@pytest.mark.parametrize("name", GO)
def test_what_may_go_leaves_nothing_but_what_its_tasks_said(
    templates: dict[str, Template], name: str
) -> None:
    (left,) = (
        logical_id
        for logical_id, resource in resources(templates[name]).items()
        if resource.get("DeletionPolicy", "Delete") != "Delete"
    )
    assert left.startswith("TaskLog")


@pytest.mark.parametrize("name", GO)
def test_a_bucket_that_may_go_is_emptied_first(templates: dict[str, Template], name: str) -> None:
    buckets = templates[name].find_resources("AWS::S3::Bucket")
    emptied = templates[name].find_resources("Custom::S3AutoDeleteObjects").values()
    assert {each["Properties"]["BucketName"]["Ref"] for each in emptied} == set(buckets)


@pytest.mark.parametrize("name", STAY)
def test_what_is_retained_leaves_its_logs_and_no_more(templates: dict[str, Template], name: str) -> None:
    assert staying(templates[name]) == {"AWS::Logs::LogGroup", "AWS::S3::Bucket"}


@pytest.mark.parametrize(("removal", "stays"), [("destroy", False), ("retain", True)])
def test_the_page_names_every_type_that_can_stay(removal: Any, stays: bool) -> None:
    environment = Environment(
        name="test",
        removal=removal,
        network=NewVpc(log_days=14),
        load_balancer=NewLoadBalancer(log_days=14, waf=Waf(mode="block")),
        domain=DOMAIN,
        deployment=Canary(),
        execute_command=True,
        trace_percent=1,
        release_command=("true",),
        secrets={"SECRET_KEY": NewSecret()},
        alarms=Alarms(monthly_budget_usd=100),
    )
    template = Template.from_stack(WebStack(empty_app(), "Web-test", environment=environment))
    named = set(re.findall(r"`(AWS::[A-Za-z0-9:]+)`", PAGE))
    assert staying(template) == (named if stays else {"AWS::Logs::LogGroup"})


def test_the_log_of_the_tasks_outlives_a_first_deployment_that_is_rolled_back(
    templates: dict[str, Template],
) -> None:
    for template in templates.values():
        (log,) = (each for name, each in resources(template).items() if name.startswith("TaskLog"))
        # RetainExceptOnCreate would delete it then.
        assert log["DeletionPolicy"] == "Retain"
        # A name of ours would be taken when the next attempt begins.
        assert "LogGroupName" not in log["Properties"]


@pytest.mark.parametrize("name", STAY)
def test_every_log_of_it_stays(templates: dict[str, Template], name: str) -> None:
    logs = [each for each in resources(templates[name]).values() if each["Type"] == "AWS::Logs::LogGroup"]
    # What the tasks have said outlives even a first deployment that failed.
    assert {each["DeletionPolicy"] for each in logs} == {"Retain", "RetainExceptOnCreate"}


def test_no_function_leaves_a_log_that_nobody_made(template: Template) -> None:
    groups = template.find_resources("AWS::Logs::LogGroup")
    for function in template.find_resources("AWS::Lambda::Function").values():
        assert function["Properties"]["LoggingConfig"]["LogGroup"]["Ref"] in groups


def test_a_line_that_a_function_writes_late_makes_no_log_group_again() -> None:
    made = Template.from_stack(
        WebStack(
            empty_app(),
            "Web-test",
            environment=Environment(
                name="test", removal="destroy", load_balancer=NewLoadBalancer(log_days=14), domain=DOMAIN
            ),
        )
    )
    policies = resources(made).values()
    functions = made.find_resources("AWS::Lambda::Function").values()
    assert functions
    for function in functions:
        name = function["Properties"]["Role"]["Fn::GetAtt"][0]
        role = made.find_resources("AWS::IAM::Role")[name]["Properties"]
        # AWSLambdaBasicExecutionRole may make groups.
        # https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AWSLambdaBasicExecutionRole.html
        assert not role.get("ManagedPolicyArns")
        own = [
            each["Properties"]["PolicyDocument"]
            for each in policies
            if each["Type"] == "AWS::IAM::Policy" and {"Ref": name} in each["Properties"]["Roles"]
        ]
        assert "logs:PutLogEvents" in str(own)
        assert "logs:CreateLogGroup" not in str([own, role])
