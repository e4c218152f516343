"""Make stacks with variables, secrets or a release command, without the rules that a whole app applies."""

from typing import Any

from aws_cdk.assertions import Template

from infra.application import empty_app
from infra.parameters import Environment
from infra.stack import WebStack


def template_of(**parameters: Any) -> Template:
    """Return the template of an environment called test that has these parameters."""
    environment = Environment(name="test", **parameters)
    return Template.from_stack(WebStack(empty_app(), "Web-test", environment=environment))


def task_definition(template: Template, container: str = "web") -> tuple[str, dict[str, Any]]:
    """Return the logical id and the properties of the task definition that has this container."""
    (found,) = (
        (logical_id, resource["Properties"])
        for logical_id, resource in template.find_resources("AWS::ECS::TaskDefinition").items()
        if container in [each["Name"] for each in resource["Properties"]["ContainerDefinitions"]]
    )
    return found


def container(template: Template, name: str = "web") -> dict[str, Any]:
    """Return the definition of this container."""
    _, task = task_definition(template, name)
    (found,) = (each for each in task["ContainerDefinitions"] if each["Name"] == name)
    return dict(found)


def statements(template: Template, role: str) -> list[dict[str, Any]]:
    """Return the policy statements of the roles whose logical id contains `role`."""
    return [
        statement
        for policy in template.find_resources("AWS::IAM::Policy").values()
        if any(role in each["Ref"] for each in policy["Properties"]["Roles"])
        for statement in policy["Properties"]["PolicyDocument"]["Statement"]
    ]
