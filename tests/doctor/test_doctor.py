"""Test what `make doctor` asks, what it says, and that it says so when it cannot ask."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from infra.application import build_app
from infra.parameters import (
    Alarms,
    CloudFront,
    Domain,
    Environment,
    ExistingVpc,
    NatGateways,
    NewLoadBalancer,
    NewVpc,
    SecretsManagerSecret,
    SecureParameter,
    Tasks,
)
from tests.environments import ENVIRONMENTS
from tests.operate.answers import stacks
from tests.operate.recorded import Recorded, Refusal
from tools.doctor import __main__ as doctor
from tools.doctor import account, place
from tools.doctor.check import Check, Situation
from tools.doctor.checks import CHECKS

ACCOUNT = "123456789012"
SECRET = f"arn:aws:secretsmanager:eu-west-1:{ACCOUNT}:secret:web/key-a1b2c3"
CERTIFICATE = f"arn:aws:acm:us-east-1:{ACCOUNT}:certificate/12345678-1234-1234-1234-123456789012"
ZONE = Domain(name="www.test.dev", hosted_zone_id="Z1", hosted_zone_name="test.dev")
EVERYTHING = Environment(
    name="prod",
    account=ACCOUNT,
    domain=ZONE,
    alarms=Alarms(email="ops@test.dev", monthly_budget_usd=100),
    secrets={
        "ONE": SecretsManagerSecret(arn=SECRET),
        "TWO": SecureParameter(name="/web/two"),
    },
    tasks=Tasks(min=2, max=10, spot="above_min"),
    network=NewVpc(cidr="10.3.0.0/16", egress=NatGateways(count=2)),
    load_balancer=NewLoadBalancer(ingress=CloudFront(certificate_arn=CERTIFICATE)),
)
IN_A_VPC = Environment(
    name="inside",
    network=ExistingVpc(
        vpc_id="vpc-0123456789abcdef0",
        cidr="10.0.0.0/16",
        public_subnet_ids=("subnet-01234567", "subnet-01234568"),
        private_subnet_ids=("subnet-01234569", "subnet-0123456a"),
    ),
)
NO_STACK = Refusal("ValidationError", "Stack with id Web-prod does not exist")


def subnet(name: str, *, vpc: str = "vpc-0123456789abcdef0", free: int = 100) -> dict[str, Any]:
    return {"SubnetId": name, "VpcId": vpc, "AvailableIpAddressCount": free}


# AWS's answers where all is well.
WELL: dict[str, Any] = {
    "GetCallerIdentity": {"Account": ACCOUNT},
    "ListRoles": {
        "IsTruncated": False,
        "Roles": [
            {
                "Path": "/",
                "RoleName": "x",
                "RoleId": "AROA0123456789ABCDEF",
                "Arn": f"arn:aws:iam::{ACCOUNT}:role/x",
                "CreateDate": 0,
            }
        ],
    },
    "GetParameter": {"Parameter": {"Value": "31"}},
    "GetServiceQuota": {"Quota": {"Value": 100.0}},
    "DescribeTrails": {"trailList": [{"Name": "all", "TrailARN": "arn:trail"}]},
    "GetTrailStatus": {"IsLogging": True},
    "ListCostAllocationTags": {
        "CostAllocationTags": [{"TagKey": "environment", "Type": "UserDefined", "Status": "Active"}]
    },
    "GetHostedZone": {
        "HostedZone": {"Id": "Z1", "Name": "test.dev.", "CallerReference": "x"},
        "DelegationSet": {"NameServers": ["ns-1.awsdns-1.com", "ns-2.awsdns-2.org"]},
    },
    "ListResourceRecordSets": {"ResourceRecordSets": [], "IsTruncated": False, "MaxItems": "1"},
    "DescribeCertificate": {"Certificate": {"Status": "ISSUED"}},
    "DescribeSecret": {"ARN": SECRET},
    "DescribeParameters": {"Parameters": [{"Name": "/web/two"}]},
    "DescribeSubnets": {"Subnets": [subnet("subnet-01234567")]},
    "DescribeStacks": NO_STACK,
}


def situation(
    environment: Environment = EVERYTHING, *others: Environment, **changed: Any
) -> tuple[Situation, Recorded]:
    answers: Mapping[str, Any] = WELL | changed
    recorded = Recorded(answers)
    return Situation(environment, others, recorded.deployed(environment.name)), recorded


def check(name: str) -> Check:
    [found] = [each for each in CHECKS if each.name == name]
    return found


@pytest.fixture(autouse=True)
def here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give every test a container engine that answers and a zone that is delegated."""
    monkeypatch.setattr(place, "_name_servers", lambda _: {"ns-1.awsdns-1.com"})
    monkeypatch.setattr("tools.doctor.checks.Engine.find", lambda: type("E", (), {"program": "docker"}))


def test_all_is_well_where_nothing_is_missing(capsys: pytest.CaptureFixture[str]) -> None:
    asked, _ = situation()
    assert doctor.examine(asked) == 0
    assert "14 well, 0 to do, 0 could not be asked" in capsys.readouterr().out


MISSING: dict[str, tuple[Environment, dict[str, Any], str]] = {
    "credentials": (
        EVERYTHING,
        {"GetCallerIdentity": {"Account": "999999999999"}},
        "for account 999999999999",
    ),
    "AWS's own roles": (
        EVERYTHING,
        {"ListRoles": {"Roles": [], "IsTruncated": False}},
        "missing: ecs.amazonaws.com",
    ),
    "cost tag": (EVERYTHING, {"ListCostAllocationTags": {"CostAllocationTags": []}}, "not active"),
    "trail": (EVERYTHING, {"GetTrailStatus": {"IsLogging": False}}, "no trail logs"),
    "bootstrap": (EVERYTHING, {"GetParameter": Refusal("ParameterNotFound", "no")}, "never bootstrapped"),
    "quotas": (EVERYTHING, {"GetServiceQuota": {"Quota": {"Value": 1.0}}}, "request-service-quota-increase"),
    "certificates": (
        EVERYTHING,
        {"DescribeCertificate": {"Certificate": {"Status": "PENDING_VALIDATION"}}},
        "is PENDING_VALIDATION",
    ),
    "records": (
        EVERYTHING,
        {
            "ListResourceRecordSets": {
                "ResourceRecordSets": [{"Name": "www.test.dev.", "Type": "A"}],
                "IsTruncated": False,
                "MaxItems": "1",
            }
        },
        "records of www.test.dev",
    ),
    "secrets": (
        EVERYTHING,
        {
            "DescribeSecret": Refusal("ResourceNotFoundException", "no"),
            "DescribeParameters": {"Parameters": []},
        },
        "missing: ONE, TWO (/web/two)",
    ),
    "subnets": (IN_A_VPC, {"DescribeSubnets": {"Subnets": [subnet("subnet-1", vpc="vpc-2")]}}, "subnet-1"),
    "leftovers": (EVERYTHING, {"DescribeStacks": stacks("ROLLBACK_FAILED")}, "is ROLLBACK_FAILED"),
}


@pytest.mark.parametrize("name", MISSING)
def test_what_is_missing_is_told_with_its_fix(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    environment, changed, said = MISSING[name]
    asked, _ = situation(environment, **changed)
    assert doctor.examine(asked, [check(name)]) == 1
    told = capsys.readouterr().out
    assert f"✗ {name}: " in told
    assert said in told
    assert check(name).filled(environment, ACCOUNT if environment.account else "ACCOUNT") in told


@pytest.mark.parametrize("name", [each.name for each in CHECKS if each.asks_aws])
def test_without_credentials_it_says_what_it_could_not_ask(
    name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for variable in ("AWS_PROFILE", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nonexistent")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/nonexistent")
    from boto3.session import Session  # noqa: PLC0415

    from tools.operate.deployed import Deployed  # noqa: PLC0415

    environment = IN_A_VPC if name == "subnets" else EVERYTHING
    asked = Situation(environment, (), Deployed(environment.name, Session(region_name="eu-west-1")))
    assert doctor.examine(asked, [check(name)]) == 1
    told = capsys.readouterr().out
    assert f"? {name}: No AWS credentials were found" in told
    assert "0 to do, 1 could not be asked" in told


def test_a_refused_call_is_no_answer(capsys: pytest.CaptureFixture[str]) -> None:
    asked, _ = situation(ListRoles=Refusal("AccessDenied", "not authorized to perform iam:ListRoles"))
    assert doctor.examine(asked, [check("AWS's own roles")]) == 1
    assert "? AWS's own roles: Your credentials may not call ListRoles" in capsys.readouterr().out


def test_nothing_is_asked_of_another_account(capsys: pytest.CaptureFixture[str]) -> None:
    asked, recorded = situation(GetCallerIdentity={"Account": "999999999999"})
    assert doctor.examine(asked) == 1
    assert {name for name, _ in recorded.asked} == {"GetCallerIdentity"}
    assert "? bootstrap: the credentials are for another account" in capsys.readouterr().out


def test_it_only_looks() -> None:
    names = set()
    for environment in (EVERYTHING, IN_A_VPC):
        asked, recorded = situation(environment)
        doctor.examine(asked)
        names |= {name for name, _ in recorded.asked}
    assert names
    assert all(name.startswith(("Get", "Describe", "List")) for name in names)
    assert "GetSecretValue" not in names


def test_the_value_of_a_parameter_is_not_read() -> None:
    asked, recorded = situation()
    doctor.examine(asked)
    assert [each["Name"] for each in recorded.parameters("GetParameter")] == [
        "/cdk-bootstrap/hnb659fds/version"
    ]


def test_quotas_that_nobody_asked_about_have_their_default() -> None:
    asked, _ = situation(
        GetServiceQuota=Refusal("NoSuchResourceException", "no"),
        GetAWSDefaultServiceQuota={"Quota": {"Value": 6.0}},
    )
    answer = account.quotas(asked)
    assert answer.well is False
    assert "Fargate Spot vCPU resource count: 8 may be needed" in answer.says


def test_addresses_of_another_environment_are_told() -> None:
    other = Environment(name="staging", network=NewVpc(cidr="10.3.0.0/17"))
    asked, _ = situation(EVERYTHING, other)
    assert place.addresses(asked).says.startswith("10.3.0.0/16 overlaps with staging")


@pytest.mark.parametrize("email", [None, "ops@example.com"])
def test_an_example_address_tells_nobody(email: str | None) -> None:
    asked, _ = situation(Environment(name="a", alarms=Alarms(email=email)))
    answer = place.mail(asked)
    assert answer.well is False
    assert answer.says.endswith("nobody is told of alarms and failed deployments")


def test_a_deployed_stack_may_have_its_own_records() -> None:
    asked, _ = situation(DescribeStacks=stacks("UPDATE_COMPLETE"))
    assert place.records(asked).well


def test_a_domain_that_is_delegated_elsewhere_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(place, "_name_servers", lambda _: {"ns.other.example"})
    asked, _ = situation()
    assert place.zone(asked).says.startswith("test.dev is delegated to ns.other.example, not to ns-1")


def test_without_a_program_for_dns_the_name_servers_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(place, "_name_servers", lambda _: None)
    asked, _ = situation()
    answer = place.zone(asked)
    assert answer.well is None
    assert "ns-1.awsdns-1.com" in answer.says


@pytest.mark.parametrize(
    "output", ["ns-1.awsdns-1.com.\nns-2.other.\n", "test.dev\tnameserver = ns-1.awsdns-1.com.\n"]
)
def test_name_servers_are_read_from_dig_and_nslookup(
    output: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.undo()
    program = tmp_path / "dig"
    program.write_text(f"#!/bin/sh\ncat <<'END'\n{output}END\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    found = place._name_servers("test.dev")
    assert found
    assert "ns-1.awsdns-1.com" in found


def test_the_version_of_the_bootstrap_is_what_templates_want(tmp_path: Path) -> None:
    build_app(ENVIRONMENTS[0], outdir=str(tmp_path)).synth()
    artifacts = json.loads((tmp_path / "manifest.json").read_text())["artifacts"].values()
    wanted = [each.get("properties", {}).get("requiresBootstrapStackVersion", 0) for each in artifacts]
    assert max(wanted) == account.BOOTSTRAP_VERSION


def test_a_bootstrap_that_is_too_old_is_told() -> None:
    asked, _ = situation(GetParameter={"Parameter": {"Value": "5"}})
    assert account.bootstrap(asked).says == "its version is 5, but 6 is needed"


def test_an_unknown_environment_is_wrong_usage(capsys: pytest.CaptureFixture[str]) -> None:
    assert doctor.main(["prodd"]) == 2
    assert "there is no environment 'prodd': choose one of" in capsys.readouterr().err


@pytest.mark.parametrize("each", CHECKS, ids=lambda each: each.name)
def test_every_check_applies_to_some_environment_and_has_all_words(each: Check) -> None:
    assert each.applies(EVERYTHING) or each.applies(IN_A_VPC)
    assert all((each.wants, each.fix, each.takes, each.costs))
    assert "{" not in each.filled(EVERYTHING, ACCOUNT)
