"""Test the policy as CDK runs it: in any app, with findings that can be accepted."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_ecs as ecs

from infra.application import empty_app
from infra.policy import Policy

ROOT = Path(__file__).resolve().parents[3]
# Somebody else's app, which uses the policy and no other module of the kit.
FOREIGN = """
import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2, aws_ecs as ecs
from infra.policy.plugin import Policy

app = cdk.App()
cdk.Validations.of(app).add_plugins(Policy())

stack = cdk.Stack(app, "Shop")
task = ecs.FargateTaskDefinition(stack, "Task")
task.add_container("web", image=ecs.ContainerImage.from_asset("shop"), environment={"COLOUR": "blue"})
vpc = ec2.Vpc(stack, "Vpc", nat_gateways=1, max_azs=2)
ecs.FargateService(stack, "Service", cluster=ecs.Cluster(stack, "Cluster", vpc=vpc), task_definition=task)
app.synth()
"""
# An app with the CDK's own pattern for a service: without a fault, and with one of its numbers changed.
PATTERN = """
import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2, aws_ecs as ecs, aws_ecs_patterns as patterns
from infra.policy import Policy

app = cdk.App()
cdk.Validations.of(app).add_plugins(Policy())
stack = cdk.Stack(app, "Shop")
image = ecs.ContainerImage.from_registry("public.ecr.aws/nginx/nginx:stable")
service = patterns.ApplicationLoadBalancedFargateService(
    stack,
    "Web",
    vpc=ec2.Vpc(stack, "Vpc", nat_gateways=1, max_azs=2),
    task_image_options=patterns.ApplicationLoadBalancedTaskImageOptions(image=image),
)
service.target_group.set_attribute("slow_start.duration_seconds", "SLOWLY")
service.target_group.configure_health_check(path="/")
app.synth()
"""


def shop(folder: Path) -> subprocess.CompletedProcess[str]:
    """Synthesise a foreign app whose image starts the development server."""
    (folder / "shop").mkdir()
    text = 'FROM python:3.13-slim\nCOPY app.py .\nCMD ["python", "app.py"]\n'
    (folder / "shop" / "Dockerfile").write_text(text)
    (folder / "shop" / "app.py").write_text("from flask import Flask\napp = Flask('shop')\napp.run()\n")
    return synthesised(folder, FOREIGN)


def synthesised(folder: Path, app: str) -> subprocess.CompletedProcess[str]:
    """Run an app that imports the policy and nothing else of the kit."""
    (folder / "app.py").write_text(app)
    return subprocess.run(
        [sys.executable, "app.py"],
        cwd=folder,
        env={
            "PATH": str(Path(sys.prefix) / "bin"),
            "PYTHONPATH": str(ROOT),
            "CDK_VALIDATION": "false",
            "HOME": str(folder),
        },
        capture_output=True,
        text=True,
        check=False,
    )


def test_two_lines_guard_an_app_of_somebody_else(tmp_path: Path) -> None:
    done = shop(tmp_path)
    assert done.returncode == 1
    assert "container 'web' runs 'python app.py', and line 3 of app.py starts the development" in done.stderr
    assert "Acknowledge with 'flask-fargate::dev-server'" in done.stderr
    assert done.stderr.count("ERROR") == 1


@pytest.mark.parametrize(("slowly", "refused"), [("30", False), ("20", True)])
def test_the_pattern_of_the_cdk_is_refused_for_what_aws_refuses_alone(
    tmp_path: Path, slowly: str, refused: bool
) -> None:
    done = synthesised(tmp_path, PATTERN.replace("SLOWLY", slowly))
    assert done.returncode == (1 if refused else 0), done.stderr
    assert done.stderr.count("ERROR") == (1 if refused else 0)
    assert ("slow_start.duration_seconds is 20: use 30 to 900" in done.stderr) == refused


@pytest.fixture
def stack() -> cdk.Stack:
    """Make a stack in an app that has the policy."""
    app = empty_app()
    cdk.Validations.of(app).add_plugins(Policy())
    return cdk.Stack(app, "Test")


def task(stack: cdk.Stack, id: str, **container: Any) -> ecs.FargateTaskDefinition:
    definition = ecs.FargateTaskDefinition(stack, id)
    definition.add_container("web", **{"image": ecs.ContainerImage.from_registry("python"), **container})
    return definition


def synth(stack: cdk.Stack) -> cdk.cx_api.CloudAssembly:
    stage = cdk.Stage.of(stack)
    assert stage
    return stage.synth()


def report(stack: cdk.Stack) -> dict[str, Any]:
    """Return the policy's part of the validation report that CDK writes for the app."""
    found = json.loads(Path(synth(stack).directory, "validation-report.json").read_text())
    (ours,) = (each for each in found["pluginReports"] if each["pluginName"] == "flask-fargate")
    return dict(ours)


def test_a_finding_that_nobody_accepts_fails_the_synth(stack: cdk.Stack) -> None:
    task(stack, "Task", command=["flask", "run"])
    with pytest.raises(RuntimeError, match="flask-fargate::dev-server"):
        synth(stack)


def test_an_accepted_finding_does_not_and_is_kept_with_its_reason(stack: cdk.Stack) -> None:
    accepted = cdk.Acknowledgment(id="flask-fargate::dev-server", reason="A demo behind a VPN.")
    definition = task(stack, "Task", command=["flask", "run"])
    cdk.Validations.of(definition).acknowledge(accepted)
    said = report(stack)
    assert (said["conclusion"], said["violations"]) == ("success", [])
    (kept,) = said["suppressedViolations"]
    assert (kept["ruleName"], kept["reason"]) == ("dev-server", "A demo behind a VPN.")


def test_it_is_accepted_for_one_construct_and_not_for_another(stack: cdk.Stack) -> None:
    accepted = cdk.Acknowledgment(id="flask-fargate::dev-server", reason="A demo behind a VPN.")
    cdk.Validations.of(task(stack, "Demo", command=["flask", "run"])).acknowledge(accepted)
    task(stack, "Real", command=["flask", "run"])
    with pytest.raises(RuntimeError, match="flask-fargate::dev-server"):
        synth(stack)


def dockerfile(folder: Path, text: str) -> ecs.ContainerImage:
    (folder / "Dockerfile").write_text(f"FROM python AS real\nCMD ['gunicorn']\nFROM python\n{text}\n")
    return ecs.ContainerImage.from_asset(str(folder))


@pytest.mark.parametrize(
    ("container", "refused"),
    [
        ({}, True),
        ({"command": ["gunicorn", "web:app"]}, False),
        ({"entry_point": ["gunicorn", "web:app"]}, False),
        ({"command": ["flask", "routes"]}, False),
    ],
)
def test_what_the_container_says_wins_over_its_dockerfile(
    stack: cdk.Stack, tmp_path: Path, container: dict[str, Any], refused: bool
) -> None:
    task(stack, "Task", image=dockerfile(tmp_path, 'CMD ["flask", "run"]'), **container)
    if refused:
        with pytest.raises(RuntimeError, match="flask-fargate::dev-server"):
            synth(stack)
    else:
        synth(stack)


def test_a_variable_of_the_dockerfile_is_found_whatever_the_container_runs(
    stack: cdk.Stack, tmp_path: Path
) -> None:
    task(stack, "Task", image=dockerfile(tmp_path, "ENV FLASK_DEBUG=1"), command=["gunicorn", "web:app"])
    with pytest.raises(RuntimeError, match="flask-fargate::dev-server"):
        synth(stack)
