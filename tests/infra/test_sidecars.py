"""Test the other containers of a task."""

from typing import Any

import pytest
from aws_cdk.assertions import Template
from pydantic import ValidationError

from infra.application import empty_app
from infra.parameters import Environment, Sidecar, Tasks
from infra.stack import WebStack

STATSD = Sidecar(
    name="statsd",
    image="public.ecr.aws/example/statsd:1.2",
    command=("statsd", "--loopback"),
    variables={"PREFIX": "web"},
    memory_mib=32,
    writable_paths=("/var/run",),
    health_command=("statsd", "--check"),
)
LATE = Sidecar(name="late", image="example.com/late:1", starts="after", essential=True)


@pytest.fixture(scope="module")
def template() -> Template:
    environment = Environment(name="test", sidecars=(STATSD, LATE), tasks=Tasks(ephemeral_storage_gib=50))
    return Template.from_stack(WebStack(empty_app(), "Web-test", environment=environment))


@pytest.fixture(scope="module")
def containers(template: Template) -> dict[str, dict[str, Any]]:
    (task,) = template.find_resources("AWS::ECS::TaskDefinition").values()
    return {each["Name"]: each for each in task["Properties"]["ContainerDefinitions"]}


def test_runs_as_it_is_told(containers: dict[str, dict[str, Any]]) -> None:
    statsd = containers["statsd"]
    assert statsd["Image"] == STATSD.image
    assert statsd["Command"] == list(STATSD.command)
    assert statsd["Environment"] == [{"Name": "PREFIX", "Value": "web"}]
    assert statsd["Memory"] == 32


def test_has_no_more_rights_than_the_service(containers: dict[str, dict[str, Any]]) -> None:
    for name in ("statsd", "late"):
        assert containers[name]["ReadonlyRootFilesystem"] is True
        assert containers[name]["User"] == "10001"
        assert containers[name]["LinuxParameters"]["Capabilities"] == {"Drop": ["ALL"]}


def test_writes_to_the_folders_it_is_given_alone(containers: dict[str, dict[str, Any]]) -> None:
    (mount,) = containers["statsd"]["MountPoints"]
    assert mount == {"ContainerPath": "/var/run", "ReadOnly": False, "SourceVolume": "statsd-0"}
    assert "MountPoints" not in containers["late"]


def test_the_service_waits_until_it_is_healthy(containers: dict[str, dict[str, Any]]) -> None:
    assert containers["web"]["DependsOn"] == [{"ContainerName": "statsd", "Condition": "HEALTHY"}]
    assert containers["statsd"]["HealthCheck"]["Command"] == ["CMD", "statsd", "--check"]


def test_or_it_starts_after_the_service(containers: dict[str, dict[str, Any]]) -> None:
    assert containers["late"]["DependsOn"] == [{"ContainerName": "web", "Condition": "START"}]


def test_is_started_again_where_its_end_does_not_end_the_task(containers: dict[str, dict[str, Any]]) -> None:
    assert (containers["statsd"]["Essential"], containers["late"]["Essential"]) == (False, True)
    assert containers["statsd"]["RestartPolicy"]["Enabled"] is True
    assert "RestartPolicy" not in containers["late"]


def test_writes_to_the_services_log(containers: dict[str, dict[str, Any]]) -> None:
    options = containers["statsd"]["LogConfiguration"]["Options"]
    assert options["awslogs-stream-prefix"] == "statsd"
    assert options["mode"] == "non-blocking"


def test_the_load_balancer_still_talks_to_the_service(template: Template) -> None:
    (service,) = template.find_resources("AWS::ECS::Service").values()
    (target,) = service["Properties"]["LoadBalancers"]
    assert target["ContainerName"] == "proxy"


def test_a_task_may_have_a_larger_disk(template: Template) -> None:
    template.has_resource_properties("AWS::ECS::TaskDefinition", {"EphemeralStorage": {"SizeInGiB": 50}})


def test_there_is_none_unless_asked_for(templates: dict[str, Template]) -> None:
    (task,) = templates["dev"].find_resources("AWS::ECS::TaskDefinition").values()
    assert [each["Name"] for each in task["Properties"]["ContainerDefinitions"]] == ["web", "proxy"]


@pytest.mark.parametrize("name", ["web", "proxy", "collector"])
def test_refuses_a_name_that_is_taken(name: str) -> None:
    with pytest.raises(ValidationError, match=f"name is '{name}', one of web, proxy, collector"):
        Sidecar(name=name, image="example.com/x:1")


def test_refuses_a_health_check_that_nobody_waits_for() -> None:
    with pytest.raises(ValidationError, match="starts 'after', so nobody waits for it"):
        Sidecar(name="x", image="example.com/x:1", starts="after", health_command=("true",))


def test_refuses_sidecars_that_do_not_fit_the_memory() -> None:
    with pytest.raises(ValidationError, match="sidecars 2048 MiB"):
        Environment(name="test", sidecars=(Sidecar(name="big", image="example.com/x:1", memory_mib=2048),))
