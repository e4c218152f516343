"""Make the stacks of the pipeline and read their roles' rights from the templates."""

import json
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from infra.application import build_app
from infra.parameters import Environment, GitHub, Pipeline
from tests.environments import preview

ROOT = Path(__file__).resolve().parents[3]
BOOTSTRAP = ROOT / "node_modules/aws-cdk/lib/api/bootstrap/bootstrap-template.yaml"
OURS = GitHub(repository="octo@1/web@2")
HOST = "token.actions.githubusercontent.com"
ALL_ROLES = [
    *(f"{kind}{name}" for kind in ("Prepare", "Deploy", "Drift") for name in ("Dev", "Staging", "Prod")),
    "PushImages",
    "DeployPreviews",
]
# Of those who look, in the account: no job takes them.
OPERATORS = ["OperatorDev", "OperatorStaging", "OperatorProd"]
ACCOUNTS = ("111111111111", "222222222222")


def made(
    folder: Path, *environments: Environment, pipeline: Pipeline, previews: bool = True
) -> dict[str, Any]:
    """Return every template of the pipeline by its stack's name."""
    build_app(
        *environments, preview=preview if previews else None, pipeline=pipeline, outdir=str(folder)
    ).synth()
    return {
        path.name.removesuffix(".template.json"): json.loads(path.read_text())
        for path in folder.glob("Pipeline*.template.json")
    }


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
    """Return an ARN as one text, with the values that only AWS knows in angle brackets."""
    if isinstance(value, str):
        return value
    if "Fn::Join" in value:
        return "".join(flat(each) for each in value["Fn::Join"][1])
    return f"<{value.get('Ref') or value['Fn::GetAtt'][0]}>"


def may(template: dict[str, Any], begins: str, action: str, resource: str) -> bool:
    """Return whether the role's policies allow an action on a resource, conditions aside."""
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
