"""Test what the pipeline lets previews change, and the boundary of the roles that they make."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from infra.application import build_app
from tests.environments import ENVIRONMENTS, preview
from tests.infra.pipeline.synthesised import (
    bootstrap_role,
    flat,
    listed,
    may,
    of_type,
    stack_arn,
)


def test_a_preview_reaches_previews_alone(template: dict[str, Any]) -> None:
    for action in ("CreateChangeSet", "ExecuteChangeSet", "DeleteStack"):
        assert may(template, "DeployPreviews", f"cloudformation:{action}", stack_arn("Web-pr-123"))
        for other in ("Web-prod", "Web-staging", "Web-dev", "Pipeline", "CDKToolkit", "Web-preview"):
            assert not may(template, "DeployPreviews", f"cloudformation:{action}", stack_arn(other))
    assert may(template, "DeployPreviews", "iam:PassRole", bootstrap_role("cfn-exec", "preview"))
    assert not may(template, "DeployPreviews", "iam:PassRole", bootstrap_role("cfn-exec"))
    assert not may(template, "DeployPreviews", "sts:AssumeRole", bootstrap_role("image-publishing"))


def managed(template: dict[str, Any], name: str) -> list[dict[str, Any]]:
    [policy] = [
        each
        for each in of_type(template, "ManagedPolicy").values()
        if each["ManagedPolicyName"] == f"flask-fargate-preview-{name}"
    ]
    return list(policy["PolicyDocument"]["Statement"])


def test_previews_make_roles_under_their_boundary_alone(template: dict[str, Any]) -> None:
    boundary = "arn:aws:iam::<AWS::AccountId>:policy/flask-fargate-preview-boundary"
    making = {"iam:CreateRole", "iam:PutRolePolicy"}
    allowed = set()
    for statement in managed(template, "execution"):
        if making & set(listed(statement["Action"])):
            allowed |= making & set(listed(statement["Action"]))
            assert flat(statement["Condition"]["StringEquals"]["iam:PermissionsBoundary"]) == boundary
            assert flat(statement["Resource"]).endswith(":role/Web-pr-*")
    assert allowed == making
    every = {each for statement in managed(template, "execution") for each in listed(statement["Action"])}
    assert not {"iam:DeleteRolePermissionsBoundary", "iam:AttachRolePolicy", "iam:CreateUser"} & every
    assert not [each for each in every if each.startswith(("lambda:", "sts:", "iam:*"))]


@pytest.mark.parametrize(
    "action",
    ["ecs:UpdateService", "ecs:RegisterTaskDefinition", "events:PutRule", "sns:SetTopicAttributes"],
)
def test_what_has_a_name_a_preview_may_change_under_its_own_name_alone(
    template: dict[str, Any], action: str
) -> None:
    where = [
        flat(resource)
        for statement in managed(template, "execution")
        if action in listed(statement["Action"])
        for resource in listed(statement["Resource"])
    ]
    assert where
    assert all(re.search(r"[:/]Web-pr-\*$|/Webpr[1-9]\*$", each) for each in where)


def test_every_role_of_a_preview_has_the_boundary(tmp_path: Path) -> None:
    build_app(*ENVIRONMENTS, preview=preview, context={"preview": "7"}, outdir=str(tmp_path)).synth()
    web = json.loads((tmp_path / "Web-pr-7.template.json").read_text())
    roles = of_type(web, "Role").values()
    assert roles
    assert all("flask-fargate-preview-boundary" in str(each["PermissionsBoundary"]) for each in roles)
    metadata = json.loads((tmp_path / "manifest.json").read_text())["artifacts"]["Web-pr-7"]["properties"]
    assert "cdk-preview-cfn-exec-role" in metadata["cloudFormationExecutionRoleArn"]
