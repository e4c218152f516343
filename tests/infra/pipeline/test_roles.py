"""Test the pipeline's roles: who may take them, what they may do, and what they may not."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from aws_cdk.assertions import Template

from infra.application import build_app
from infra.parameters import Environment, Worker
from tests.environments import ENVIRONMENTS
from tests.infra.pipeline.synthesised import (
    ALL_ROLES,
    OPERATORS,
    bootstrap_role,
    flat,
    listed,
    may,
    of_type,
    role,
    stack_arn,
    statements,
    subjects,
)

ON_MAIN = "repo:octo@1/web@2:ref:refs/heads/main"


@pytest.mark.parametrize("environment", ["dev", "staging", "prod"])
def test_only_a_job_in_the_protected_environment_may_execute(
    template: dict[str, Any], environment: str
) -> None:
    assert subjects(template, f"Deploy{environment.title()}") == [
        f"repo:octo@1/web@2:environment:{environment}"
    ]


@pytest.mark.parametrize("begins", ["PrepareProd", "DriftProd", "PushImages"])
def test_the_branch_prepares_looks_and_pushes(template: dict[str, Any], begins: str) -> None:
    assert subjects(template, begins) == [ON_MAIN]


def test_a_pull_request_gets_a_preview_and_nothing_else(template: dict[str, Any]) -> None:
    allowed = {
        begins for begins in ALL_ROLES if any("pull_request" in each for each in subjects(template, begins))
    }
    assert allowed == {"DeployPreviews"}


def test_these_are_all_roles_there_are(template: dict[str, Any]) -> None:
    assert len(of_type(template, "Role")) == len([*ALL_ROLES, *OPERATORS])


@pytest.mark.parametrize("begins", OPERATORS)
def test_who_looks_comes_from_the_account_itself(template: dict[str, Any], begins: str) -> None:
    [statement] = role(template, begins)[1]["AssumeRolePolicyDocument"]["Statement"]
    assert flat(statement["Principal"]["AWS"]) == "arn:aws:iam::<AWS::AccountId>:root"
    assert statement["Action"] == "sts:AssumeRole"


@pytest.mark.parametrize("begins", ALL_ROLES)
def test_no_other_repository_or_branch_may_take_a_role(template: dict[str, Any], begins: str) -> None:
    for subject in subjects(template, begins):
        assert "*" not in subject
        assert "?" not in subject
        assert subject.startswith("repo:octo@1/web@2:")
        assert ":ref:" not in subject or subject == ON_MAIN


@pytest.mark.parametrize("begins", [*ALL_ROLES, *OPERATORS])
def test_no_role_may_do_everything_or_everything_of_a_service(template: dict[str, Any], begins: str) -> None:
    for statement in statements(template, begins):
        assert statement["Effect"] == "Allow"
        assert not [each for each in listed(statement["Action"]) if re.fullmatch(r"\*|[a-z0-9-]+:\*", each)]


@pytest.mark.parametrize("begins", ALL_ROLES)
def test_no_role_may_take_the_deploy_role_that_changes_every_stack(
    template: dict[str, Any], begins: str
) -> None:
    for qualifier in ("hnb659fds", "preview"):
        assert not may(template, begins, "sts:AssumeRole", bootstrap_role("deploy", qualifier))
        assert not may(template, begins, "sts:AssumeRole", bootstrap_role("cfn-exec", qualifier))


def test_whoever_prepares_cannot_execute(template: dict[str, Any]) -> None:
    assert may(template, "PrepareProd", "cloudformation:CreateChangeSet", stack_arn("Web-prod"))
    for action in ("ExecuteChangeSet", "UpdateStack", "CreateStack", "DeleteStack"):
        assert not may(template, "PrepareProd", f"cloudformation:{action}", stack_arn("Web-prod"))


def test_whoever_executes_cannot_prepare(template: dict[str, Any]) -> None:
    assert may(template, "DeployProd", "cloudformation:ExecuteChangeSet", stack_arn("Web-prod"))
    for action in ("CreateChangeSet", "UpdateStack", "CreateStack", "DeleteStack", "SetStackPolicy"):
        assert not may(template, "DeployProd", f"cloudformation:{action}", stack_arn("Web-prod"))
    assert not may(template, "DeployProd", "iam:PassRole", bootstrap_role("cfn-exec"))


def test_the_data_of_an_environment_is_deployed_by_its_roles(template: dict[str, Any]) -> None:
    assert may(template, "PrepareProd", "cloudformation:CreateChangeSet", stack_arn("Data-prod"))
    assert may(template, "DeployProd", "cloudformation:ExecuteChangeSet", stack_arn("Data-prod"))
    assert may(template, "DriftProd", "cloudformation:DetectStackDrift", stack_arn("Data-prod"))
    assert not may(template, "DeployProd", "cloudformation:CreateChangeSet", stack_arn("Data-prod"))


def test_no_role_of_the_pipeline_reads_or_touches_a_database_itself(template: dict[str, Any]) -> None:
    for begins in ALL_ROLES:
        for action in ("rds:DeleteDBInstance", "rds:ModifyDBInstance", "secretsmanager:GetSecretValue"):
            assert not may(template, begins, action, "*")


@pytest.mark.parametrize(
    "stack",
    ["Web-prod", "Web-staging", "Web-dev-2", "Data-prod", "Data-dev-2", "Pipeline", "CDKToolkit"],
)
def test_who_may_deploy_one_environment_may_deploy_no_other(template: dict[str, Any], stack: str) -> None:
    for action in ("ExecuteChangeSet", "CreateChangeSet", "RollbackStack", "UpdateTerminationProtection"):
        assert not may(template, "DeployDev", f"cloudformation:{action}", stack_arn(stack))
        assert not may(template, "PrepareDev", f"cloudformation:{action}", stack_arn(stack))


def test_a_rollback_reaches_its_own_service_alone(template: dict[str, Any]) -> None:
    def service(cluster: str) -> str:
        return f"arn:aws:ecs:eu-west-1:<AWS::AccountId>:service/{cluster}/Service"

    assert may(template, "DeployDev", "ecs:UpdateService", service("Web-dev-WebCapacityCluster1A-x"))
    for other in ("Web-prod-WebCapacityCluster1A-x", "Web-dev-2-WebCapacityCluster1A-x", "mine"):
        assert not may(template, "DeployDev", "ecs:UpdateService", service(other))


def test_a_rollback_takes_workers_along(template: dict[str, Any], tmp_path: Path) -> None:
    worker = Worker(name="mail", command=("true",))
    build_app(ENVIRONMENTS[0].model_copy(update={"workers": (worker,)}), outdir=str(tmp_path)).synth()
    web = json.loads((tmp_path / "Web-dev.template.json").read_text())["Resources"]
    [(name, family)] = [
        (each["Properties"]["TaskRoleArn"]["Fn::GetAtt"][0], each["Properties"]["Family"])
        for each in web.values()
        if each["Type"] == "AWS::ECS::TaskDefinition" and "Worker" in each["Properties"]["Family"]
    ]
    definition = f"arn:aws:ecs:eu-west-1:<AWS::AccountId>:task-definition/{family}:1"
    assert may(template, "DeployDev", "ecs:RegisterTaskDefinition", definition)
    role = f"arn:aws:iam::<AWS::AccountId>:role/Web-dev-{name}-x"
    assert may(template, "DeployDev", "iam:PassRole", role)
    assert not may(template, "DeployProd", "iam:PassRole", role)


@pytest.mark.parametrize("environment", ENVIRONMENTS, ids=lambda each: each.name)
def test_what_a_rollback_may_touch_is_named_as_it_is(
    templates: dict[str, Template], template: dict[str, Any], environment: Environment
) -> None:
    """Test the rights against the names that CloudFormation makes of the stack and of logical ids."""
    web = templates[environment.name].to_json()["Resources"]
    kinds = {name: each["Type"] for name, each in web.items()}
    [cluster] = [name for name, kind in kinds.items() if kind == "AWS::ECS::Cluster"]
    begins = f"Deploy{environment.name.title()}"
    arn = "arn:aws:ecs:eu-west-1:<AWS::AccountId>"
    assert may(template, begins, "ecs:UpdateService", f"{arn}:service/Web-{environment.name}-{cluster}-x/y")
    for name, each in web.items():
        if kinds[name] == "AWS::ECS::TaskDefinition":
            family = each["Properties"]["Family"]
            assert may(template, begins, "ecs:RegisterTaskDefinition", f"{arn}:task-definition/{family}:*")
            for key in ("ExecutionRoleArn", "TaskRoleArn"):
                passed = each["Properties"][key]["Fn::GetAtt"][0]
                iam = f"arn:aws:iam::<AWS::AccountId>:role/Web-{environment.name}-{passed}-x"
                assert may(template, begins, "iam:PassRole", iam)


def test_the_nightly_look_changes_nothing_and_reads_no_data(template: dict[str, Any]) -> None:
    harmless = re.compile(
        r"[a-z0-9-]+:(Describe|Get(?!Object|SecretValue|Parameter)|List|Detect|View)[A-Za-z]*\*?"
    )
    for statement in statements(template, "DriftProd"):
        for action in listed(statement["Action"]):
            assert harmless.fullmatch(action), action
    for action in ("s3:GetObject", "secretsmanager:GetSecretValue", "ssm:GetParameter", "logs:GetLogEvents"):
        assert not may(template, "DriftProd", action, "*")
