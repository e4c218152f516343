import json
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk.assertions import Template

from infra.application import empty_app
from infra.parameters import Environment
from infra.stack import WebStack
from infra.task.image import ServiceImage
from tests.infra.test_environment import mistakes


def template(percent: float) -> Template:
    environment = Environment(name="test", trace_percent=percent)
    return Template.from_stack(WebStack(empty_app(), "Web-test", environment=environment))


@pytest.fixture(scope="module")
def traced() -> Template:
    return template(5)


@pytest.fixture(scope="module")
def untraced() -> Template:
    return template(0)


def containers(template: Template) -> dict[str, Any]:
    (task,) = template.find_resources("AWS::ECS::TaskDefinition").values()
    return {each["Name"]: each for each in task["Properties"]["ContainerDefinitions"]}


def variables(container: dict[str, Any]) -> dict[str, str]:
    return {pair["Name"]: pair["Value"] for pair in container["Environment"]}


def test_the_service_is_told_how_much_to_trace(traced: Template, untraced: Template) -> None:
    assert variables(containers(traced)["web"])["TRACE_PERCENT"] == "5.0"
    assert float(variables(containers(untraced)["web"])["TRACE_PERCENT"]) == 0


def test_a_collector_of_a_fixed_version_runs_only_where_there_are_traces(
    traced: Template, untraced: Template
) -> None:
    assert set(containers(untraced)) == {"web", "proxy"}
    image = containers(traced)["collector"]["Image"]
    assert image == "public.ecr.aws/aws-observability/aws-otel-collector:v0.49.0"


def test_a_collector_that_ends_does_not_end_the_task(traced: Template) -> None:
    assert containers(traced)["collector"]["Essential"] is False


def test_the_collector_has_no_privileges(traced: Template) -> None:
    collector = containers(traced)["collector"]
    assert (collector["User"], collector["ReadonlyRootFilesystem"]) == ("10001", True)
    assert collector["LinuxParameters"]["Capabilities"] == {"Drop": ["ALL"]}
    assert "PortMappings" not in collector


def test_the_collector_listens_on_loopback_where_the_service_sends(traced: Template) -> None:
    config = json.loads(variables(containers(traced)["collector"])["AOT_CONFIG_CONTENT"])
    # http://localhost:4318 is OpenTelemetry's default for OTEL_EXPORTER_OTLP_ENDPOINT.
    assert config["receivers"]["otlp"]["protocols"] == {"http": {"endpoint": "127.0.0.1:4318"}}


def test_the_task_may_write_traces_and_nothing_else(traced: Template) -> None:
    (policy,) = [
        each["Properties"]["PolicyDocument"]["Statement"]
        for each in traced.find_resources("AWS::IAM::Policy").values()
        if "TaskRole" in str(each["Properties"]["Roles"])
    ]
    assert policy == [{"Action": "xray:PutTraceSegments", "Effect": "Allow", "Resource": "*"}]


def test_only_a_traced_image_has_the_packages_for_it() -> None:
    args = []
    for percent in (0, 5):
        app = empty_app()
        stack = WebStack(app, "Web-test", environment=Environment(name="test", trace_percent=percent))
        assets = json.loads(Path(app.synth().directory, f"{stack.artifact_id}.assets.json").read_text())
        args += [image["source"].get("dockerBuildArgs") for image in assets["dockerImages"].values()]
    # The service's image and the proxy's, without traces and with them.
    assert args == [None, None, {"REQUIREMENTS": "requirements-tracing.txt"}, None]


def test_a_traced_image_without_the_lock_of_these_packages_is_refused(tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text("FROM python\n")
    environment = Environment(name="test", trace_percent=5)
    with pytest.raises(ValueError, match=r"requirements-tracing.txt, which is missing: run `make lock`"):
        ServiceImage(cdk.Stack(empty_app(), "It"), "Image", parameters=environment, source=tmp_path)


def test_rejects_a_task_too_small_for_the_collector() -> None:
    message = mistakes(
        name="dev",
        trace_percent=5,
        tasks={"cpu": 256, "memory_mib": 512, "threads": 8, "worker_mib": 120},
    )
    assert "proxy is 'nginx' and needs 32 MiB, trace_percent 5 100 MiB beside Gunicorn's 432 MiB" in message
