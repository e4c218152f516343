"""Test that every environment deploys and destroys: the emulator knows all resource types in use."""

import http.client
import json
import subprocess
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from infra.application import build_app
from tests.environments import DEV, ENVIRONMENTS
from tests.local_cloud.bare import bare
from tests.local_cloud.release import CDK
from tests.local_cloud.variants import GUEST, VARIANTS
from tools import stack_resources
from tools.local_cloud import cdk, leftovers
from tools.local_cloud.cloud import Cloud
from tools.local_cloud.down import allow_deletion
from tools.local_cloud.running import Running
from tools.local_cloud.state import State

ALL = (*ENVIRONMENTS, *VARIANTS)
STACKS = [f"Web-{environment.name}" for environment in ALL]
# GUEST has no listener of its own: its rule is on another stack's load balancer.
WITH_LOAD_BALANCER = [f"Web-{environment.name}" for environment in ALL if environment is not GUEST]


@dataclass(frozen=True)
class Seen:
    """A stack as it was while it was deployed, and the resources left after it was destroyed."""

    types: set[str]
    listeners: dict[int, str]
    left: list[str]
    redirect: tuple[int, str]


@dataclass(frozen=True)
class Sent:
    """Hold what the emulator says of mail from the office's domain, and of its identity."""

    signed: list[str]
    recorded: str


@pytest.fixture(scope="module")
def assembly(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Synthesise all environments as `cdk synth` does."""
    folder = tmp_path_factory.mktemp("assembly")
    build_app(*ALL, outdir=str(folder)).synth()
    return folder


@pytest.fixture(scope="module")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """Start an emulator without a runner."""
    known = bare(State(tmp_path_factory.mktemp("environments")), DEV.region, runner=False)
    yield known
    known.emulator.stop(grace_s=5)


@pytest.fixture(scope="module")
def sent() -> list[Sent]:
    """Keep what is seen of mail while all environments are deployed."""
    return []


def _send(cloud: Cloud) -> Sent:
    """Send a mail from the office's domain, as its tasks do."""
    cloud.client("sesv2").send_email(
        FromEmailAddress="shop@office.example.com",
        Destination={"ToAddresses": ["ada@example.com"]},
        Content={"Simple": {"Subject": {"Data": "hello"}, "Body": {"Text": {"Data": "there"}}}},
    )
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with direct.open(f"{cloud.endpoint}/_ministack/ses/messages", timeout=5) as answer:
        recorded = answer.read().decode()
    zone = cloud.client("route53").list_resource_record_sets(HostedZoneId="Z0EXAMPLE")["ResourceRecordSets"]
    signed = [each["Name"] for each in zone if "_domainkey.office.example.com" in each["Name"]]
    return Sent(signed, recorded)


@pytest.fixture(scope="module")
def seen(emulator: Running, assembly: Path, sent: list[Sent]) -> dict[str, Seen]:
    """Deploy all environments together, destroy them, and return for each what was seen."""
    cloud, front = emulator.cloud, emulator.front_port
    cdk.bootstrap(cloud)
    _cdk(cloud, assembly, "deploy", "--require-approval", "never", "--concurrency", "8")
    cloudformation = cloud.client("cloudformation")
    held = {stack: stack_resources.held(cloudformation, stack) for stack in STACKS}
    retained = {stack: stack_resources.retained(cloudformation, stack) for stack in STACKS}
    listeners = {stack: _listeners(cloud, held[stack]) for stack in WITH_LOAD_BALANCER}
    redirects = {
        stack: _ask_port_80(cloud, front, held[stack])
        for stack in WITH_LOAD_BALANCER
        if 80 in listeners[stack]
    }
    sent.append(_send(cloud))
    for stack in STACKS:
        allow_deletion(cloud, stack)
    _cdk(cloud, assembly, "destroy", "--force", "--concurrency", "8")
    return {
        stack: Seen(
            types={kind for kind, _ in held[stack].values()},
            listeners=listeners.get(stack, {}),
            redirect=redirects.get(stack, (0, "")),
            left=leftovers.still_there(
                cloud, {key: item for key, item in held[stack].items() if key not in retained[stack]}
            ),
        )
        for stack in STACKS
    }


def _cdk(cloud: Cloud, assembly: Path, *arguments: str) -> None:
    command = [CDK, *arguments, "--all", "--app", str(assembly), "--no-notices"]
    done = subprocess.run(command, env=cloud.environment(), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def _balancer(cloud: Cloud, held: dict[str, tuple[str, str]]) -> dict[str, Any]:
    [arn] = [arn for kind, arn in held.values() if kind.endswith("::LoadBalancer")]
    [balancer] = cloud.client("elbv2").describe_load_balancers(LoadBalancerArns=[arn])["LoadBalancers"]
    return dict(balancer)


def _listeners(cloud: Cloud, held: dict[str, tuple[str, str]]) -> dict[int, str]:
    arn = _balancer(cloud, held)["LoadBalancerArn"]
    answer = cloud.client("elbv2").describe_listeners(LoadBalancerArn=arn)["Listeners"]
    return {item["Port"]: item["Protocol"] for item in answer}


def _ask_port_80(cloud: Cloud, front: int, held: dict[str, tuple[str, str]]) -> tuple[int, str]:
    connection = http.client.HTTPConnection("127.0.0.1", front, timeout=5)
    connection.request("GET", "/path?a=b", headers={"Host": _balancer(cloud, held)["DNSName"]})
    response = connection.getresponse()
    location = response.getheader("Location", "")
    connection.close()
    return response.status, location


@pytest.mark.parametrize("stack", STACKS)
def test_the_whole_template_is_deployed(assembly: Path, seen: dict[str, Seen], stack: str) -> None:
    template = json.loads((assembly / f"{stack}.template.json").read_text())
    assert {item["Type"] for item in template["Resources"].values()} == seen[stack].types


@pytest.mark.parametrize("stack", STACKS)
def test_a_destroyed_stack_leaves_nothing(seen: dict[str, Seen], stack: str) -> None:
    assert seen[stack].left == []


@pytest.mark.parametrize("stack", ["Web-staging", "Web-prod"])
def test_with_a_domain_port_80_redirects_to_https(seen: dict[str, Seen], stack: str) -> None:
    assert seen[stack].listeners == {80: "HTTP", 443: "HTTPS"}
    status, location = seen[stack].redirect
    assert status == 301
    assert location.startswith("https://")
    assert location.endswith(":443/path?a=b")


@pytest.mark.usefixtures("seen")
def test_mail_of_the_domain_is_recorded(sent: list[Sent]) -> None:
    assert '"shop@office.example.com"' in sent[0].recorded
    assert "ada@example.com" in sent[0].recorded


@pytest.mark.usefixtures("seen")
def test_the_records_that_prove_a_domain_of_mail_are_in_its_zone(sent: list[Sent]) -> None:
    assert len(sent[0].signed) == 3


def test_without_the_redirect_port_80_is_closed(seen: dict[str, Seen]) -> None:
    assert seen["Web-office"].listeners == {443: "HTTPS"}


@pytest.mark.parametrize("stack", STACKS)
def test_the_emulator_knows_every_resource_type(emulator: Running, assembly: Path, stack: str) -> None:
    known = set(emulator.cloud.call("resource-types")["types"])
    template = json.loads((assembly / f"{stack}.template.json").read_text())
    known.add("Custom::LoadBalancerProtection")  # its function runs, as that of the release command does
    missing = sorted({item["Type"] for item in template["Resources"].values()} - known)
    assert not missing, f"tools/local_cloud/emulator has to learn to create {', '.join(missing)}"
