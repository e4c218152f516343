"""The pipeline's roles: who may take them, and what they may do and may not."""

import json
import re
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pytest
from aws_cdk.assertions import Template
from cfnlint.decode import decode
from pydantic import ValidationError

from app import build_app
from infra.environment import Environment
from infra.environments import ENVIRONMENTS, preview
from infra.parameters import explain
from infra.pipeline.parameters import GitHub, GitLab, Pipeline
from tools.security.evaluation import errors, evaluate
from tools.security.exceptions import EXCEPTIONS
from tools.security.stack import Stack

ROOT = Path(__file__).resolve().parent.parent.parent
BOOTSTRAP = ROOT / "node_modules/aws-cdk/lib/api/bootstrap/bootstrap-template.yaml"
OURS = GitHub(repository="octo@1/web@2")
HOST = "token.actions.githubusercontent.com"
ACCOUNTS = ("111111111111", "222222222222")


def made(
    folder: Path, *environments: Environment, pipeline: Pipeline, previews: bool = True
) -> dict[str, Any]:
    """Every stack of the pipeline by its name."""
    build_app(
        *environments, preview=preview if previews else None, pipeline=pipeline, outdir=str(folder)
    ).synth()
    return {
        path.name.removesuffix(".template.json"): json.loads(path.read_text())
        for path in folder.glob("Pipeline*.template.json")
    }


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """All environments and the previews in one account."""
    folder = tmp_path_factory.mktemp("pipeline")
    return dict(made(folder, *ENVIRONMENTS, pipeline=Pipeline(source=OURS))["Pipeline"])


def of_type(template: dict[str, Any], kind: str) -> dict[str, dict[str, Any]]:
    return {
        name: each["Properties"]
        for name, each in template["Resources"].items()
        if each["Type"] == f"AWS::IAM::{kind}"
    }


def role(template: dict[str, Any], begins: str) -> tuple[str, dict[str, Any]]:
    [found] = [(name, each) for name, each in of_type(template, "Role").items() if name.startswith(begins)]
    return found


def subjects(template: dict[str, Any], begins: str) -> list[str]:
    [statement] = role(template, begins)[1]["AssumeRolePolicyDocument"]["Statement"]
    assert statement["Action"] == "sts:AssumeRoleWithWebIdentity"
    assert list(statement["Condition"]) == ["StringEquals"]
    given = statement["Condition"]["StringEquals"]
    assert given[f"{HOST}:aud"] == "sts.amazonaws.com"
    found = given[f"{HOST}:sub"]
    return [found] if isinstance(found, str) else list(found)


def statements(template: dict[str, Any], begins: str) -> Iterator[dict[str, Any]]:
    name, _ = role(template, begins)
    for policy in of_type(template, "Policy").values():
        if {"Ref": name} in policy["Roles"]:
            yield from policy["PolicyDocument"]["Statement"]


def listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def flat(value: Any) -> str:
    """A resource as one text, with what only AWS knows in angle brackets."""
    if isinstance(value, str):
        return value
    if "Fn::Join" in value:
        return "".join(flat(each) for each in value["Fn::Join"][1])
    return f"<{value.get('Ref') or value['Fn::GetAtt'][0]}>"


def may(template: dict[str, Any], begins: str, action: str, resource: str) -> bool:
    """Whether the role's policies allow it, conditions aside."""
    return any(
        fnmatchcase(action, pattern) and fnmatchcase(resource, flat(where))
        for statement in statements(template, begins)
        for pattern in listed(statement["Action"])
        for where in listed(statement["Resource"])
    )


def stack_arn(name: str) -> str:
    return f"arn:aws:cloudformation:eu-west-1:<AWS::AccountId>:stack/{name}/0a1b"


def bootstrap_role(kind: str, qualifier: str = "hnb659fds") -> str:
    return f"arn:aws:iam::<AWS::AccountId>:role/cdk-{qualifier}-{kind}-role-<AWS::AccountId>-eu-west-1"


ON_MAIN = "repo:octo@1/web@2:ref:refs/heads/main"
ALL_ROLES = [
    *(f"{kind}{name}" for kind in ("Prepare", "Deploy", "Drift") for name in ("Dev", "Staging", "Prod")),
    "PushImages",
    "DeployPreviews",
]


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
    assert len(of_type(template, "Role")) == len(ALL_ROLES)


@pytest.mark.parametrize("begins", ALL_ROLES)
def test_no_other_repository_or_branch_may_take_a_role(template: dict[str, Any], begins: str) -> None:
    for subject in subjects(template, begins):
        assert "*" not in subject
        assert "?" not in subject
        assert subject.startswith("repo:octo@1/web@2:")
        assert ":ref:" not in subject or subject == ON_MAIN


@pytest.mark.parametrize("begins", ALL_ROLES)
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


@pytest.mark.parametrize("stack", ["Web-prod", "Web-staging", "Web-dev-2", "Pipeline", "CDKToolkit"])
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


@pytest.mark.parametrize("environment", ENVIRONMENTS, ids=lambda each: each.name)
def test_what_a_rollback_may_touch_is_named_as_it_is(
    templates: dict[str, Template], template: dict[str, Any], environment: Environment
) -> None:
    """CloudFormation names resources after the stack and their logical ids, which are these."""
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
    for statement in managed(template, "execution"):
        if {"iam:CreateRole", "iam:PutRolePolicy"} & set(listed(statement["Action"])):
            assert flat(statement["Condition"]["StringEquals"]["iam:PermissionsBoundary"]) == boundary
            assert flat(statement["Resource"]).endswith(":role/Web-pr-*")
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
    assert all(re.search(r"[:/]Web-?pr-?\*$", each) for each in where)


def test_every_role_of_a_preview_has_the_boundary(tmp_path: Path) -> None:
    build_app(*ENVIRONMENTS, preview=preview, context={"preview": "7"}, outdir=str(tmp_path)).synth()
    web = json.loads((tmp_path / "Web-pr-7.template.json").read_text())
    roles = of_type(web, "Role").values()
    assert roles
    assert all("flask-fargate-preview-boundary" in str(each["PermissionsBoundary"]) for each in roles)
    metadata = json.loads((tmp_path / "manifest.json").read_text())["artifacts"]["Web-pr-7"]["properties"]
    assert "cdk-preview-cfn-exec-role" in metadata["cloudFormationExecutionRoleArn"]


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
    assert all(":policy/developers" in str(each["PermissionsBoundary"]) for each in roles)
    assert of_type(stack, "OIDCProvider") == {}


def test_gitlab_deploys_its_branch_and_has_no_previews(tmp_path: Path) -> None:
    pipeline = Pipeline(source=GitLab(project="octo/group/web"))
    [stack] = made(tmp_path, ENVIRONMENTS[2], pipeline=pipeline).values()
    [provider] = of_type(stack, "OIDCProvider").values()
    assert provider["Url"] == "https://gitlab.com"
    trusted = {
        json.dumps(each["AssumeRolePolicyDocument"]["Statement"][0]["Condition"])
        for each in of_type(stack, "Role").values()
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
    wrong = [line for line in errors([stack], evaluate([stack])) if not line.startswith("tools/security/")]
    assert EXCEPTIONS
    assert wrong == []


def test_the_bootstrap_of_the_pinned_cli_has_what_roles_refer_to() -> None:
    resources, problems = decode(str(BOOTSTRAP))
    assert not problems
    text = json.dumps(resources["Resources"], default=str)
    for kind in ("cfn-exec", "file-publishing", "image-publishing"):
        assert f"cdk-${{Qualifier}}-{kind}-role-${{AWS::AccountId}}-${{AWS::Region}}" in text
    assert "cdk-${Qualifier}-assets-${AWS::AccountId}-${AWS::Region}" in json.dumps(resources, default=str)


def test_the_bootstraps_deploy_role_may_change_every_stack() -> None:
    """Why nothing here may take it; if it ever says less, take it and have fewer rights of our own."""
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
