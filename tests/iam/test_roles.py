"""Test the policies of all roles with parliament and cloudsplaining, which others wrote (workshop/iam.mk)."""

import json
import subprocess
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from infra.application import build_app
from infra.parameters import GitHub, Pipeline
from tests.environments import ENVIRONMENTS, preview
from tests.infra.choices import DIFFERENT

ROOT = Path(__file__).resolve().parents[2]
PYTHON = ROOT / ".local/iam/bin/python"
# Findings that are no fault, each with a source.
ACCEPTED = {
    # Told for each right to read on `*`; cdk-nag asks for a reason for each `*` already.
    "RESOURCE_STAR": "",
    # AWS's own examples compare iam:PermissionsBoundary so:
    # https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html
    "MISMATCHED_TYPE_BUT_USABLE": "StringEquals requires a value of type String but given Arn",
    # parliament asks that a rule of an application load balancer be one of a network load balancer, too.
    "RESOURCE_MISMATCH": "listener-rule/net",
    # Newer than parliament:
    # https://docs.aws.amazon.com/elasticloadbalancing/latest/userguide/tagging-resources-during-creation.html
    "UNKNOWN_CONDITION_FOR_ACTION": "elasticloadbalancing:CreateAction",
}


def arn(of: str, attribute: str) -> str:
    """Return an ARN as AWS makes it for a type of resource."""
    if attribute == "MasterUserSecret.SecretArn":
        return arn("AWS::SecretsManager::Secret", "Arn")
    kind = {
        "AWS::ECR::Repository": "ecr:eu-west-1:123456789012:repository/web",
        "AWS::ECS::Cluster": "ecs:eu-west-1:123456789012:cluster/Web-x",
        "AWS::ElasticLoadBalancingV2::ListenerRule": (
            "elasticloadbalancing:eu-west-1:123456789012:listener-rule/app/web/a/b/c"
        ),
        "AWS::ECS::Service": "ecs:eu-west-1:123456789012:service/Web-x/y",
        "AWS::IAM::Role": "iam::123456789012:role/Web-x",
        "AWS::Lambda::Function": "lambda:eu-west-1:123456789012:function:Web-x",
        "AWS::Logs::LogGroup": "logs:eu-west-1:123456789012:log-group:Web-x:*",
        "AWS::S3::Bucket": "s3:::web-x",
        "AWS::SecretsManager::Secret": "secretsmanager:eu-west-1:123456789012:secret:x-a1b2c3",
        "AWS::SQS::Queue": "sqs:eu-west-1:123456789012:Web-x",
        "AWS::SNS::Topic": "sns:eu-west-1:123456789012:Web-x",
    }.get(of)
    return f"arn:aws:{kind}" if kind and attribute in ("Arn", "Ref") else "name"


def flat(value: Any, resources: dict[str, Any], outputs: dict[str, Any]) -> Any:
    """Return a policy with the values that CloudFormation would put in and, from other stacks, `outputs`."""
    if isinstance(value, list):
        return [flat(each, resources, outputs) for each in value]
    if not isinstance(value, dict):
        return value
    if set(value) == {"Fn::Join"}:
        separator, parts = value["Fn::Join"]
        return separator.join(flat(each, resources, outputs) for each in parts)
    if set(value) == {"Fn::GetStackOutput"}:
        stack = value["Fn::GetStackOutput"]
        return outputs[f"{stack['StackName']}.{stack['OutputName']}"]
    if set(value) == {"Fn::GetAtt"}:
        return arn(resources[value["Fn::GetAtt"][0]]["Type"], value["Fn::GetAtt"][1])
    if set(value) == {"Ref"}:
        known = {
            "AWS::AccountId": "123456789012",
            "AWS::Partition": "aws",
            "AWS::Region": "eu-west-1",
            "AWS::URLSuffix": "amazonaws.com",
            "AWS::StackId": "arn:aws:cloudformation:eu-west-1:123456789012:stack/Web-x/id",
        }
        name = value["Ref"]
        if name in known:
            return known[name]
        kind = resources[name]["Type"]
        arns = ("AWS::ECS::Service", "AWS::ElasticLoadBalancingV2", "AWS::Secrets", "AWS::SNS")
        return arn(kind, "Ref") if kind.startswith(arns) else "name"
    if len(value) == 1 and next(iter(value)).startswith("Fn::"):
        return "name"
    return {key: flat(each, resources, outputs) for key, each in value.items()}


def policies(folder: Path) -> dict[str, dict[str, Any]]:
    """Return all policies of roles in the templates of a synth."""
    found = {}
    templates = {path.name: json.loads(path.read_text()) for path in folder.glob("*.template.json")}
    outputs = {
        f"{name.removesuffix('.template.json')}.{output}": flat(each["Value"], template["Resources"], {})
        for name, template in templates.items()
        for output, each in template.get("Outputs", {}).items()
    }
    for file, template in templates.items():
        resources = template["Resources"]
        for name, each in resources.items():
            properties = each.get("Properties", {})
            if each["Type"] in ("AWS::IAM::Policy", "AWS::IAM::ManagedPolicy"):
                found[f"{file}/{name}"] = flat(properties["PolicyDocument"], resources, outputs)
            for inline in properties.get("Policies", []) if each["Type"] == "AWS::IAM::Role" else ():
                found[f"{file}/{name}"] = flat(inline["PolicyDocument"], resources, outputs)
    return found


def judged(given: dict[str, dict[str, Any]]) -> dict[str, list[list[str]]]:
    """Return what the tools find in these policies."""
    run = subprocess.run(
        [PYTHON, "-m", "workshop.iam"],
        input=json.dumps(given),
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
    )
    assert run.returncode == 0, run.stderr
    return dict(json.loads(run.stdout))


@pytest.fixture(scope="module")
def every_policy(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """Return the policies of the pipeline, of a preview, and of environments that choose differently."""
    folder = tmp_path_factory.mktemp("iam")
    pipeline = Pipeline(source=GitHub(repository="octo/web"))
    build_app(
        *ENVIRONMENTS,
        *DIFFERENT,
        preview=preview,
        pipeline=pipeline,
        context={"preview": "7"},
        outdir=str(folder),
    ).synth()
    return policies(folder)


def test_every_policy_is_one_that_others_find_no_fault_with(
    every_policy: dict[str, dict[str, Any]],
) -> None:
    assert len(every_policy) > 40
    found = {
        f"{name}: {' '.join(finding)}"
        for name, findings in judged(every_policy).items()
        for finding in findings
        if finding[1] not in ACCEPTED or ACCEPTED[finding[1]] not in finding[2]
    }
    assert found == set()


def test_the_judges_find_what_is_wrong() -> None:
    def statement(action: str, resource: str) -> dict[str, Any]:
        return {
            "Version": "2012-10-17",
            "Statement": [{"Effect": "Allow", "Action": [action], "Resource": [resource]}],
        }

    found = judged(
        {
            "mismatch": statement("sns:Unsubscribe", "arn:aws:sns:eu-west-1:123456789012:Web-pr-1"),
            "unknown": statement("ecs:UpdateServices", "*"),
            "wide": statement("ec2:AuthorizeSecurityGroupIngress", "*"),
            "escalating": statement("iam:PutRolePolicy", "*"),
        }
    )
    kinds = {name: Counter(finding[1] for finding in findings) for name, findings in found.items()}
    assert kinds["mismatch"]["RESOURCE_MISMATCH"]
    assert kinds["unknown"]["UNKNOWN_ACTION"]
    assert kinds["wide"]["infrastructure_modification"]
    assert kinds["escalating"]["permissions_management_without_constraints"]
