"""Test a shell in a task (ECS Exec), and the record of what is typed in it."""

from pathlib import Path
from typing import Any

import pytest
from aws_cdk.assertions import Match, Template

from infra.application import build_app, empty_app
from infra.parameters import Endpoints, Environment, NewVpc
from infra.stack import WebStack


@pytest.fixture(scope="module")
def opened() -> Template:
    environment = Environment(name="test", execute_command=True, network=NewVpc(egress=Endpoints()))
    return Template.from_stack(WebStack(empty_app(), "Web-test", environment=environment))


def test_a_shell_can_be_opened(opened: Template) -> None:
    opened.has_resource_properties("AWS::ECS::Service", {"EnableExecuteCommand": True})


def test_all_that_is_typed_is_logged(opened: Template) -> None:
    opened.has_resource_properties(
        "AWS::ECS::Cluster",
        {
            "Configuration": {
                "ExecuteCommandConfiguration": {
                    "Logging": "OVERRIDE",
                    "LogConfiguration": Match.object_like(
                        {"CloudWatchLogGroupName": {"Ref": Match.string_like_regexp("Shell")}}
                    ),
                }
            }
        },
    )


def test_its_agent_has_somewhere_to_write(opened: Template) -> None:
    (task,) = opened.find_resources("AWS::ECS::TaskDefinition").values()
    for container in task["Properties"]["ContainerDefinitions"]:
        paths: set[Any] = {mount["ContainerPath"] for mount in container["MountPoints"]}
        assert {"/var/lib/amazon", "/var/log/amazon"} <= paths


def test_what_it_opens_and_what_aws_says_of_it_is_told(tmp_path: Path) -> None:
    build_app(Environment(name="test", execute_command=True), outdir=str(tmp_path)).synth()
    told = (tmp_path / "validation-report.json").read_text()
    assert "is root in every container" in told
    assert "does not support read-only roots" in told


def test_it_is_reached_without_the_internet(opened: Template) -> None:
    assert "ssmmessages" in str(opened.find_resources("AWS::EC2::VPCEndpoint"))


def test_nobody_can_open_one_unless_asked(templates: dict[str, Template]) -> None:
    for template in templates.values():
        assert "ssmmessages" not in str(template.to_json())
        (service,) = template.find_resources("AWS::ECS::Service").values()
        assert not service["Properties"].get("EnableExecuteCommand")


def test_breaks_no_rule() -> None:
    made = build_app(Environment(name="test", execute_command=True)).synth()
    assert [stack.stack_name for stack in made.stacks] == ["Web-test"]


@pytest.mark.parametrize("region", ["eu-west-1", "cn-north-1", "us-gov-west-1", "xx-new-1"])
def test_what_it_may_write_is_accepted_in_every_partition(region: str) -> None:
    zones = (f"{region}a", f"{region}b")
    environment = Environment(name="test", region=region, availability_zones=zones, execute_command=True)
    (stack,) = build_app(environment).synth().stacks
    assert stack.environment.region == region
