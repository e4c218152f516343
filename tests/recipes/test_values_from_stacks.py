from collections.abc import Callable
from typing import Any

import pytest
from aws_cdk.assertions import Template

from docs.recipes.values_from_stacks import give_variables
from infra.application import empty_app
from infra.parameters import Environment
from infra.stack import WebStack

Read = Callable[[str], Template]


def given(template: Template) -> list[dict[str, Any]]:
    """Return the variables of each container that runs the service's image."""
    return [
        {pair["Name"]: pair["Value"] for pair in container["Environment"]}
        for task in template.find_resources("AWS::ECS::TaskDefinition").values()
        for container in task["Properties"]["ContainerDefinitions"]
        if container["Name"] in ("web", "release")
    ]


def test_an_export_of_another_stack_is_a_variable(template: Read) -> None:
    web, release = given(template("values-from-stacks"))
    assert web["TRUSTED_HOSTS"] == {"Fn::ImportValue": "Names-Trusted"}
    assert release["TRUSTED_HOSTS"] == web["TRUSTED_HOSTS"]


def test_a_parameter_is_read_at_each_deployment(template: Read) -> None:
    made = template("values-from-stacks")
    web, _ = given(made)
    (name,) = [key for key, each in made.find_parameters("*").items() if each.get("Default") == "/web/rate"]
    assert made.find_parameters(name)[name]["Type"] == "AWS::SSM::Parameter::Value<String>"
    assert web["RATE_LIMIT"] == {"Ref": name}


@pytest.mark.parametrize("name", ["VERSION", "LOG_LEVEL"])
def test_a_name_that_is_taken_is_refused(name: str) -> None:
    environment = Environment(name="test", variables={"LOG_LEVEL": "info"})
    stack = WebStack(empty_app(), "Web-test", environment=environment)
    with pytest.raises(ValueError, match=f"{name} is set already"):
        give_variables(stack, exports={name: "X"})
