"""Test the pipeline's resources besides its roles, its parameters, and environments in other accounts."""

import json
from pathlib import Path
from typing import Any

import pytest
from cfnlint.decode import decode
from pydantic import ValidationError

from infra.application import build_app
from infra.parameters import Environment, GitHub, GitLab, Pipeline, explain
from tests.environments import ENVIRONMENTS, preview
from tests.infra.pipeline.synthesised import (
    ACCOUNTS,
    ALL_ROLES,
    BOOTSTRAP,
    OURS,
    flat,
    made,
    may,
    of_type,
    role,
)
from tools.security.evaluation import errors, evaluate
from tools.security.stack import Stack


def test_images_are_scanned_stay_as_they_are_and_go_when_old(template: dict[str, Any]) -> None:
    [repository] = [
        each["Properties"]
        for each in template["Resources"].values()
        if each["Type"] == "AWS::ECR::Repository"
    ]
    assert repository["ImageTagMutability"] == "IMMUTABLE"
    assert repository["ImageScanningConfiguration"] == {"ScanOnPush": True}
    rules = json.loads(repository["LifecyclePolicy"]["LifecyclePolicyText"])["rules"]
    assert rules[1]["selection"]["countNumber"] == 100


def test_only_one_role_may_push(template: dict[str, Any]) -> None:
    name = next(n for n, each in template["Resources"].items() if each["Type"] == "AWS::ECR::Repository")
    pushers = [begins for begins in ALL_ROLES if may(template, begins, "ecr:PutImage", f"<{name}>")]
    assert pushers == ["PushImages"]


def test_every_account_gets_a_stack_and_pulls_from_the_one_with_the_images(tmp_path: Path) -> None:
    one, two = (
        Environment(name=name, account=account)
        for name, account in zip(("one", "two"), ACCOUNTS, strict=True)
    )
    pipeline = Pipeline(source=OURS, account=ACCOUNTS[0])
    stacks = made(tmp_path, one, two, pipeline=pipeline, previews=False)
    assert set(stacks) == {"Pipeline", f"Pipeline-{ACCOUNTS[1]}"}
    [repository] = [
        each["Properties"]
        for each in stacks["Pipeline"]["Resources"].values()
        if each["Type"] == "AWS::ECR::Repository"
    ]
    assert ACCOUNTS[1] in str(repository["RepositoryPolicyText"])
    assert "AWS::ECR::Repository" not in str(stacks[f"Pipeline-{ACCOUNTS[1]}"])
    assert role(stacks[f"Pipeline-{ACCOUNTS[1]}"], "DeployTwo")


def test_a_boundary_of_the_account_limits_every_role(tmp_path: Path) -> None:
    pipeline = Pipeline(source=OURS, permissions_boundary="developers", provider_exists=True)
    [stack] = made(tmp_path, ENVIRONMENTS[0], pipeline=pipeline, previews=False).values()
    roles = of_type(stack, "Role").values()
    assert roles
    assert all(":policy/developers" in str(each["PermissionsBoundary"]) for each in roles)
    assert of_type(stack, "OIDCProvider") == {}


def test_gitlab_deploys_its_branch_and_has_no_previews(tmp_path: Path) -> None:
    pipeline = Pipeline(source=GitLab(project="octo/group/web"))
    [stack] = made(tmp_path, ENVIRONMENTS[2], pipeline=pipeline).values()
    [provider] = of_type(stack, "OIDCProvider").values()
    assert provider["Url"] == "https://gitlab.com"
    trusted = {
        json.dumps(each["AssumeRolePolicyDocument"]["Statement"][0]["Condition"])
        for name, each in of_type(stack, "Role").items()
        if not name.startswith("Operator")
    }
    assert trusted == {
        json.dumps(
            {
                "StringEquals": {
                    "gitlab.com:aud": "sts.amazonaws.com",
                    "gitlab.com:sub": ["project_path:octo/group/web:ref_type:branch:ref:main"],
                }
            }
        )
    }
    assert of_type(stack, "ManagedPolicy") == {}


def test_there_is_none_until_a_repository_is_named(tmp_path: Path) -> None:
    build_app(ENVIRONMENTS[0], outdir=str(tmp_path)).synth()
    assert not list(tmp_path.glob("Pipeline*"))


@pytest.mark.parametrize("repository", ["octo", "octo/*", "octo@1/web", "*/*", "octo/web:ref", "octo/web/x"])
def test_what_is_no_single_repository_is_refused(repository: str) -> None:
    with pytest.raises(ValidationError) as caught:
        GitHub(repository=repository)
    assert "must be OWNER/REPOSITORY" in explain(caught.value)


@pytest.mark.parametrize("branch", ["*", "release/*", "ma?n"])
def test_a_pattern_of_branches_is_refused(branch: str) -> None:
    with pytest.raises(ValidationError):
        GitHub(repository="octo/web", branch=branch)


def test_it_satisfies_security_hub(template: dict[str, Any]) -> None:
    stack = Stack(
        "pipeline", template, {"terminationProtection": True, "cloudFormationExecutionRoleArn": "arn"}
    )
    assert list(errors([stack], evaluate([stack], accepted=()), team=())) == []


def test_the_bootstrap_of_the_pinned_cli_has_what_roles_refer_to() -> None:
    resources, problems = decode(str(BOOTSTRAP))
    assert not problems
    text = json.dumps(resources["Resources"], default=str)
    for kind in ("cfn-exec", "file-publishing", "image-publishing"):
        assert f"cdk-${{Qualifier}}-{kind}-role-${{AWS::AccountId}}-${{AWS::Region}}" in text
    assert "cdk-${Qualifier}-assets-${AWS::AccountId}-${AWS::Region}" in json.dumps(resources, default=str)


def test_the_bootstraps_deploy_role_may_change_every_stack() -> None:
    """Test that the bootstrap's role is too powerful to use: it may update every stack.

    If it ever allows less, the pipeline can use it and have fewer rights of its own.
    """
    template, _ = decode(str(BOOTSTRAP))
    policy = template["Resources"]["DeploymentActionRole"]["Properties"]["Policies"][0]["PolicyDocument"]
    everywhere = [each for each in policy["Statement"] if each["Resource"] == "*"]
    assert "cloudformation:UpdateStack" in [action for each in everywhere for action in each["Action"]]


def test_one_image_is_that_of_every_environment(tmp_path: Path) -> None:
    image = f"123456789012.dkr.ecr.eu-west-1.amazonaws.com/web@sha256:{'a1' * 32}"
    context = {"image": image, "preview": "7"}
    build_app(*ENVIRONMENTS, preview=preview, context=context, outdir=str(tmp_path)).synth()
    for name in ("dev", "staging", "prod", "pr-7"):
        web = json.loads((tmp_path / f"Web-{name}.template.json").read_text())["Resources"]
        tasks = [each["Properties"] for each in web.values() if each["Type"] == "AWS::ECS::TaskDefinition"]
        images = {
            flat(c["Image"]) for task in tasks for c in task["ContainerDefinitions"] if c["Name"] == "web"
        }
        assert {each.replace("<AWS::URLSuffix>", "amazonaws.com") for each in images} == {image}
