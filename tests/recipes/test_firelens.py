import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from aws_cdk.assertions import Template

from docs.recipes.firelens import send_log
from tests.recipes.stacks import stack_of


@pytest.fixture
def containers(template: Callable[[str], Template]) -> dict[str, Any]:
    (task,) = template("firelens").find_resources("AWS::ECS::TaskDefinition").values()
    return {each["Name"]: each for each in task["Properties"]["ContainerDefinitions"]}


@pytest.fixture
def configuration(synthesised: Path) -> str:
    """Return the configuration that the router's image adds to the one that ECS makes of the options."""
    assets: dict[str, Any] = json.loads((synthesised / "Web-firelens.assets.json").read_text())
    folders = [synthesised / str(each["source"]["directory"]) for each in assets["dockerImages"].values()]
    (folder,) = (folder for folder in folders if (folder / "to_cloudwatch.conf").exists())
    assert "COPY to_cloudwatch.conf /\n" in (folder / "Dockerfile").read_text()
    return (folder / "to_cloudwatch.conf").read_text()


@pytest.mark.parametrize("name", ["web", "proxy"])
def test_the_log_goes_where_the_options_say(containers: dict[str, Any], name: str) -> None:
    log = containers[name]["LogConfiguration"]
    assert log["LogDriver"] == "awsfirelens"
    assert log["Options"] == {
        "Name": "datadog",
        "Host": "http-intake.logs.datadoghq.eu",
        "TLS": "on",
        "log-driver-buffer-limit": "8192",
    }


def test_a_key_is_read_from_where_secrets_are(
    containers: dict[str, Any], template: Callable[[str], Template]
) -> None:
    (secret,) = containers["web"]["LogConfiguration"]["SecretOptions"]
    assert secret["Name"] == "apikey"
    assert ":secret:datadog" in str(secret["ValueFrom"])
    (policy,) = (
        str(each)
        for name, each in template("firelens").find_resources("AWS::IAM::Policy").items()
        if "ExecutionRole" in name
    )
    assert ":secret:datadog" in policy


def test_the_metrics_in_the_log_still_reach_cloudwatch(
    containers: dict[str, Any], configuration: str
) -> None:
    settings = dict(line.split() for line in configuration.splitlines()[1:])
    assert settings["Name"] == "cloudwatch_logs"
    assert (settings["log_key"], settings["log_format"]) == ("log", "json/emf")
    variables = {pair["Name"]: pair["Value"] for pair in containers["router"]["Environment"]}
    assert settings["log_group_name"] == "${LOG_GROUP}"
    assert variables["LOG_GROUP"]["Ref"].startswith("TaskLog")
    options = containers["router"]["FirelensConfiguration"]["Options"]
    assert (options["config-file-type"], options["config-file-value"]) == ("file", "/to_cloudwatch.conf")


def test_the_task_may_write_to_the_services_log(template: Callable[[str], Template]) -> None:
    (policy,) = (
        each["Properties"]["PolicyDocument"]["Statement"]
        for name, each in template("firelens").find_resources("AWS::IAM::Policy").items()
        if "TaskRole" in name
    )
    assert [statement["Action"] for statement in policy] == [["logs:CreateLogStream", "logs:PutLogEvents"]]
    assert policy[0]["Resource"]["Fn::GetAtt"][0].startswith("TaskLog")


def test_the_router_writes_its_own_log_past_itself(containers: dict[str, Any]) -> None:
    assert containers["router"]["LogConfiguration"]["LogDriver"] == "awslogs"


def test_refuses_an_output_without_a_name() -> None:
    with pytest.raises(ValueError, match="options Host have no Name"):
        send_log(stack_of("test"), options={"Host": "logs.example.com"})


def test_refuses_an_unknown_container() -> None:
    with pytest.raises(ValueError, match="no container 'app': choose one of web, proxy, router"):
        send_log(stack_of("test"), options={"Name": "s3"}, containers=["app"])
