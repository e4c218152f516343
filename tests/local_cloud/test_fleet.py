"""Deploy a fleet to two regions of one emulator, one after the other, and let the health of a member fail."""

import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from infra.application import build_app
from tests.infra.test_fleet import SHARED, fleet, member
from tests.local_cloud.bare import bare
from tests.local_cloud.release import CDK
from tools.fleet.answers import answers
from tools.fleet.rollout import roll_out
from tools.local_cloud import cdk
from tools.local_cloud.cloud import Cloud
from tools.local_cloud.state import State

_REGIONS = ("eu-west-1", "us-east-1")
_MEMBERS = tuple(member(region, removal="destroy") for region in _REGIONS)
_FLEET = fleet(*_MEMBERS, routing="failover")


@dataclass(frozen=True)
class Deployed:
    """Hold in which order stacks were deployed, the fleet's records then, and the checks by member's name."""

    order: list[str]
    records: list[dict[str, Any]]
    checks: dict[str, str]


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployed]:
    """Deploy both members as `make deploy FLEET=prod` does, and read Route 53's API."""
    assembly = tmp_path_factory.mktemp("assembly")
    build_app(*_MEMBERS, fleets=(_FLEET,), outdir=str(assembly)).synth()
    known = bare(State(tmp_path_factory.mktemp("fleet")), _REGIONS[0], runner=False)
    clouds = {each.name: replace(known.cloud, region=each.region) for each in _MEMBERS}
    order: list[str] = []

    def deploy(words: Sequence[str]) -> int:
        order.append(words[1])
        return _deploy(clouds[words[1]], assembly, words[1])

    try:
        for cloud in clouds.values():
            cdk.bootstrap(cloud)
        stopped = roll_out(
            [each.name for each in _MEMBERS],
            bake_minutes=0,
            deploy=deploy,
            healthy=lambda _: True,
            tell=lambda _: None,
        )
        assert stopped is None
        route53 = known.cloud.client("route53")
        found = route53.list_resource_record_sets(HostedZoneId="Z1")["ResourceRecordSets"]
        checks = route53.list_health_checks()["HealthChecks"]
        yield Deployed(
            order,
            [each for each in found if each["Name"] == f"{SHARED}." and each["Type"] == "A"],
            {each["HealthCheckConfig"]["FullyQualifiedDomainName"]: each["Id"] for each in checks},
        )
    finally:
        known.emulator.stop(grace_s=5)


def _deploy(cloud: Cloud, assembly: Path, name: str) -> int:
    command = [CDK, "deploy", f"Web-{name}", "--exclusively", "--app", str(assembly), "--no-notices"]
    command += ["--require-approval", "never"]
    done = subprocess.run(command, env=cloud.environment(), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.returncode


def test_both_regions_are_deployed_in_order_and_answer_for_one_name(deployed: Deployed) -> None:
    assert deployed.order == ["prod-eu", "prod-us"]
    assert {each["SetIdentifier"]: each["Failover"] for each in deployed.records} == {
        "eu.test.dev": "PRIMARY",
        "us.test.dev": "SECONDARY",
    }
    # Each record leads to a load balancer of its own region.
    targets = {each["SetIdentifier"]: each["AliasTarget"]["DNSName"] for each in deployed.records}
    assert "eu-west-1" in targets["eu.test.dev"]
    assert "us-east-1" in targets["us.test.dev"]


def test_each_record_depends_on_the_health_of_its_own_member(deployed: Deployed) -> None:
    assert {each["SetIdentifier"]: each["HealthCheckId"] for each in deployed.records} == deployed.checks
    assert len(set(deployed.checks.values())) == 2


def test_when_the_first_members_health_fails_the_second_answers(deployed: Deployed) -> None:
    def answered(*failing: str) -> dict[str, float]:
        ids = {deployed.checks[name] for name in failing}
        return answers(deployed.records, failing=ids, nearest=_REGIONS)

    assert answered() == {"eu.test.dev": 100}
    assert answered("eu.test.dev") == {"us.test.dev": 100}
    # Where all fail, Route 53 answers as if none did.
    assert answered("eu.test.dev", "us.test.dev") == {"eu.test.dev": 100}
