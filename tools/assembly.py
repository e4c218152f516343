"""Assembly: what a synth wrote to cdk.out."""

import json
import sys
from pathlib import Path
from typing import Any

CDK_OUT = Path(__file__).resolve().parent.parent / "cdk.out"

Template = dict[str, Any]
Properties = dict[str, Any]


def artifacts(cdk_out: Path = CDK_OUT) -> dict[str, Properties]:
    """What the CLI is told of every environment's stack, by its name; exits with one line without a synth."""
    if not (cdk_out / "manifest.json").exists():
        sys.exit(f"there is no synth in {cdk_out}: run `make synth` first")
    manifest = json.loads((cdk_out / "manifest.json").read_text())
    return {
        name.removeprefix("Web-"): artifact["properties"]
        for name, artifact in manifest["artifacts"].items()
        if artifact["type"] == "aws:cloudformation:stack" and name.startswith("Web-")
    }


def templates(cdk_out: Path = CDK_OUT) -> dict[str, Template]:
    """Every stack's template by its environment; exits with one line where there was no synth."""
    return {
        environment: json.loads((cdk_out / properties["templateFile"]).read_text())
        for environment, properties in artifacts(cdk_out).items()
    }


def of_type(template: Template, type_name: str) -> list[Properties]:
    """The properties of all resources of a type such as AWS::ECS::Service."""
    return [
        resource.get("Properties", {})
        for resource in template["Resources"].values()
        if resource["Type"] == type_name
    ]


def service_task(template: Template) -> Properties:
    """The task definition that the service runs; a release command has another one."""
    (service,) = of_type(template, "AWS::ECS::Service")
    return dict(template["Resources"][service["TaskDefinition"]["Ref"]]["Properties"])


def web_container(template: Template) -> Properties:
    """The definition of the container that runs the service."""
    containers = service_task(template)["ContainerDefinitions"]
    (container,) = (each for each in containers if each["Name"] == "web")
    return dict(container)


def variables(container: Properties) -> dict[str, str]:
    """A container's environment variables."""
    return {pair["Name"]: pair["Value"] for pair in container["Environment"]}
