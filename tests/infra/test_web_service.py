from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk.assertions import Match, Template

from infra.parameters import HealthCheck, Tasks, Timeouts
from tests.infra.parts import web_service


@pytest.fixture
def make(stack: cdk.Stack, tmp_path: Path) -> Any:
    return lambda **changes: web_service(stack, tmp_path, **changes)


def container(template: Template) -> dict[str, Any]:
    (task,) = template.find_resources("AWS::ECS::TaskDefinition").values()
    every = task["Properties"]["ContainerDefinitions"]
    return dict(next(each for each in every if each["Name"] == "web"))


def test_leaves_the_desired_count_to_the_autoscaler(make: Any) -> None:
    make().has_resource_properties("AWS::ECS::Service", {"DesiredCount": Match.absent()})


def test_a_failed_deployment_rolls_back_by_itself(make: Any) -> None:
    breaker = {"Enable": True, "Rollback": True}
    make().has_resource_properties(
        "AWS::ECS::Service", {"DeploymentConfiguration": {"DeploymentCircuitBreaker": breaker}}
    )


def test_a_deployment_never_runs_fewer_tasks_than_before(make: Any) -> None:
    make().has_resource_properties(
        "AWS::ECS::Service",
        {"DeploymentConfiguration": {"MinimumHealthyPercent": 100, "MaximumPercent": 200}},
    )


def test_a_new_task_has_the_time_given_to_get_healthy(make: Any) -> None:
    make(health_check=HealthCheck(grace_s=90)).has_resource_properties(
        "AWS::ECS::Service", {"HealthCheckGracePeriodSeconds": 90}
    )


def test_runs_gunicorn_without_a_shell(make: Any) -> None:
    assert container(make())["Command"] == ["gunicorn", "--config", "python:service.gunicorn_conf"]


def test_the_container_cannot_write_and_has_no_privileges(make: Any) -> None:
    definition = container(make())
    assert definition["ReadonlyRootFilesystem"] is True
    assert definition["User"] == "10001"
    assert definition["LinuxParameters"] == {"InitProcessEnabled": True, "Capabilities": {"Drop": ["ALL"]}}
    assert "Privileged" not in definition


def test_the_container_can_write_to_tmp_and_to_what_it_shares_with_the_proxy(make: Any) -> None:
    assert container(make())["MountPoints"] == [
        {"ContainerPath": "/tmp", "ReadOnly": False, "SourceVolume": "tmp"},
        {"ContainerPath": "/srv/shared", "ReadOnly": False, "SourceVolume": "shared"},
    ]


def test_the_stop_timeout_follows_from_the_longest_request(make: Any) -> None:
    assert container(make(timeouts=Timeouts(longest_request_s=50)))["StopTimeout"] == 58


def test_logs_without_blocking_and_keeps_them_as_long_as_asked(make: Any) -> None:
    template = make(log_days=7)
    options = container(template)["LogConfiguration"]["Options"]
    assert (options["mode"], options["max-buffer-size"]) == ("non-blocking", f"{25 * 1024 * 1024}b")
    template.has_resource(
        "AWS::Logs::LogGroup", {"Properties": {"RetentionInDays": 7}, "DeletionPolicy": "Retain"}
    )


@pytest.mark.parametrize("architecture", ["ARM64", "X86_64"])
def test_one_parameter_decides_the_architecture_of_image_and_task(
    make: Any, stack: cdk.Stack, architecture: str
) -> None:
    make(tasks=Tasks.model_validate({"architecture": architecture})).has_resource_properties(
        "AWS::ECS::TaskDefinition", {"RuntimePlatform": {"CpuArchitecture": architecture}}
    )
    assets = Path(cdk.Stage.of(stack).outdir, "Test.assets.json").read_text()  # type: ignore[union-attr] # an App
    assert {"ARM64": "linux/arm64", "X86_64": "linux/amd64"}[architecture] in assets


def test_the_version_changes_with_the_source(make: Any, tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text("one")
    variables = {pair["Name"]: pair["Value"] for pair in container(make())["Environment"]}
    other = cdk.Stack(cdk.App(), "Other")
    (tmp_path / "app.py").write_text("two")
    changed = cdk.aws_ecr_assets.DockerImageAsset(other, "Image", directory=str(tmp_path))
    assert len(variables["VERSION"]) == 12
    assert variables["VERSION"] != changed.asset_hash[:12]


def test_tasks_accept_traffic_from_the_load_balancer_only(make: Any) -> None:
    template = make()
    (ingress,) = template.find_resources("AWS::EC2::SecurityGroupIngress").values()
    assert ingress["Properties"]["FromPort"] == ingress["Properties"]["ToPort"] == 8000
    assert "Balancer" in str(ingress["Properties"]["SourceSecurityGroupId"])
    (task_group,) = template.find_resources(
        "AWS::EC2::SecurityGroup",
        {"Properties": {"GroupDescription": "The tasks: reached by the load balancer alone"}},
    ).values()
    assert "SecurityGroupIngress" not in task_group["Properties"]


def test_the_service_is_deleted_before_the_capacity_it_runs_on(make: Any) -> None:
    template = make()
    (providers,) = template.find_resources("AWS::ECS::ClusterCapacityProviderAssociations")
    (service,) = template.find_resources("AWS::ECS::Service").values()
    assert providers in service["DependsOn"]


def test_the_task_role_may_do_nothing_until_it_is_granted_something(make: Any) -> None:
    template = make()
    (task,) = template.find_resources("AWS::ECS::TaskDefinition").values()
    role = {"Ref": task["Properties"]["TaskRoleArn"]["Fn::GetAtt"][0]}
    policies = template.find_resources("AWS::IAM::Policy").values()
    assert policies
    assert [each for each in policies if role in each["Properties"]["Roles"]] == []
    made = template.find_resources("AWS::IAM::Role")[role["Ref"]]
    assert not {"Policies", "ManagedPolicyArns"} & {*made["Properties"]}
