"""Play a first deploy of a retained environment that fails, the way out of it, and what protects it then."""

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from infra.application import build_app
from infra.parameters import Environment, InsideVpc, NewLoadBalancer, Tasks
from tests.local_cloud.bare import bare
from tests.local_cloud.conftest import command
from tests.local_cloud.release import release, resource
from tests.wait import wait_for
from tools.local_cloud import cdk, running, services, up
from tools.local_cloud.running import Running
from tools.local_cloud.state import REPOSITORY, State

KEPT = Environment(
    name="dev",
    tasks=Tasks(min=1, max=2, cpu=256, memory_mib=512),
    load_balancer=NewLoadBalancer(log_days=14),
    removal="retain",
)
INSIDE = KEPT.model_copy(update={"load_balancer": NewLoadBalancer(ingress=InsideVpc(), log_days=14)})


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> Iterator[State]:
    """Start an emulator with a bootstrap, as a fresh account has after `cdk bootstrap`."""
    state = State(tmp_path_factory.mktemp("first"))
    known = bare(state, KEPT.region, runner=True)
    cdk.bootstrap(known.cloud)
    yield state
    command(state, "down")


def synthesised(folder: Path, environment: Environment) -> Path:
    build_app(environment, outdir=str(folder)).synth()
    return folder


def without_its_secret(template: dict[str, Any]) -> None:
    """Let the tasks want a secret that nobody has stored."""
    for container in resource(template, "AWS::ECS::TaskDefinition")["ContainerDefinitions"]:
        container["Secrets"] = [{"Name": "API_KEY", "ValueFrom": "/never/stored"}]


def known(state: State) -> Running:
    return replace(running.required(state), region=KEPT.region)


def operate(state: State, *words: str) -> subprocess.CompletedProcess[str]:
    """Run a command of the runbook as a person would."""
    python = [sys.executable, "-m", "tools.operate", words[0], "dev", "--local", str(state.folder)]
    return subprocess.run([*python, *words[1:]], cwd=REPOSITORY, capture_output=True, text=True, check=False)


def balancers(state: State) -> list[str]:
    found = known(state).cloud.client("elbv2").describe_load_balancers()["LoadBalancers"]
    return [each["LoadBalancerArn"] for each in found]


def protection(state: State, balancer: str) -> str:
    answer = known(state).cloud.client("elbv2").describe_load_balancer_attributes(LoadBalancerArn=balancer)
    values = {each["Key"]: each["Value"] for each in answer["Attributes"]}
    return str(values.get("deletion_protection.enabled", "false"))


@dataclass(frozen=True)
class Rescue:
    """Hold what was there after a first deploy that failed, and what the runbook's commands made of it."""

    stack: dict[str, Any]
    balancers: list[str]
    logs: list[str]
    why: subprocess.CompletedProcess[str]
    destroy: subprocess.CompletedProcess[str]
    deployed: int


@pytest.fixture(scope="module")
def rescue(state: State, tmp_path_factory: pytest.TempPathFactory) -> Rescue:
    """Fail the first deploy, clear it away as the runbook says, and deploy again, so that it serves."""
    cloud, folder = known(state).cloud, tmp_path_factory.mktemp("releases")
    assembly = synthesised(folder / "good", KEPT)
    broken = release(assembly, folder / "broken", edit=without_its_secret)
    assert up.roll_out(state, known(state), broken) == 1
    [stack] = [
        each
        for each in cloud.client("cloudformation").describe_stacks()["Stacks"]
        if each["StackName"] == "Web-dev"
    ]
    groups = cloud.client("logs").describe_log_groups(logGroupNamePrefix="Web-dev")["logGroups"]
    return Rescue(
        stack,
        balancers(state),
        [each["logGroupName"] for each in groups],
        why=operate(state, "why"),
        destroy=operate(state, "destroy"),
        deployed=up.roll_out(state, known(state), assembly),
    )


def test_a_failed_first_deploy_leaves_nothing_but_a_protected_stack_and_its_log(rescue: Rescue) -> None:
    assert rescue.stack["StackStatus"] == "ROLLBACK_COMPLETE"
    assert rescue.stack["EnableTerminationProtection"]
    assert rescue.balancers == []
    # What the tasks said stays for `make why`, under a name that the next attempt does not take.
    [log] = rescue.logs
    assert log.startswith("Web-dev-TaskLog")


def test_a_failed_first_deploy_is_cleared_away_with_the_runbooks_commands(rescue: Rescue) -> None:
    assert rescue.why.returncode == 1
    assert "make destroy ENV=dev" in rescue.why.stdout
    assert rescue.destroy.returncode == 0, rescue.destroy.stdout + rescue.destroy.stderr
    assert rescue.deployed == 0


@pytest.mark.usefixtures("rescue")
def test_once_it_serves_neither_stack_nor_load_balancer_can_be_deleted(state: State) -> None:
    cloud = known(state).cloud
    [balancer] = balancers(state)
    assert protection(state, balancer) == "true"
    refused = operate(state, "destroy")
    assert refused.returncode == 1
    assert "termination protection and its load balancer has deletion protection" in refused.stderr
    with pytest.raises(ClientError, match="OperationNotPermitted"):
        cloud.client("elbv2").delete_load_balancer(LoadBalancerArn=balancer)


@pytest.mark.usefixtures("rescue")
def test_a_load_balancer_that_is_replaced_goes_and_the_new_one_is_protected(
    state: State, tmp_path: Path
) -> None:
    [before] = balancers(state)
    assert up.roll_out(state, known(state), synthesised(tmp_path / "inside", INSIDE)) == 0
    [after] = balancers(state)
    assert after != before
    assert protection(state, after) == "true"


@pytest.mark.usefixtures("rescue")
def test_a_task_whose_health_path_moves_away_becomes_unhealthy(state: State) -> None:
    cloud = known(state).cloud
    [group] = cloud.client("elbv2").describe_target_groups()["TargetGroups"]

    def ask_at(path: str) -> None:
        cloud.client("elbv2").modify_target_group(
            TargetGroupArn=group["TargetGroupArn"], HealthCheckPath=path, HealthCheckIntervalSeconds=5
        )

    def says() -> str:
        [service] = services.deployed(cloud)
        return " ".join(event["message"] for event in service["events"])

    ask_at("/never")
    wait_for(lambda: "codes: [404" in says(), "an unhealthy task", within_s=90)
    ask_at(group["HealthCheckPath"])
