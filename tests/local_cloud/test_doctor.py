"""Play the fixes of `make doctor` in the local cloud: each check says no before its fix, and yes after it."""

import shlex
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple, cast

import pytest
from boto3.session import Session
from botocore import xform_name

from infra.parameters import (
    Alarms,
    Domain,
    Environment,
    ExistingVpc,
    NewVpc,
    SecretChoice,
    SecretsManagerSecret,
    SecureParameter,
)
from tests.local_cloud.bare import bare
from tools.doctor import account
from tools.doctor.check import Check, Situation
from tools.doctor.checks import CHECKS
from tools.local_cloud.cloud import Cloud
from tools.local_cloud.state import State
from tools.operate.deployed import Deployed

# Played by other tests here: `make up` bootstraps, and test_first_deploy.py clears a failed deploy away.
ROLES = "AWS's own roles"
PLAYED_ELSEWHERE = {"bootstrap", "leftovers"}


class Local(NamedTuple):
    """A session whose clients talk to the emulator alone."""

    cloud: Cloud
    region_name: str = "eu-west-1"

    def client(self, service: str, **_: Any) -> Any:
        return self.cloud.client(service)


class Played(NamedTuple):
    """The environment that lacks something, the fix, and the environment as it is asked about afterwards."""

    before: Environment
    fix: Callable[[Cloud], None]
    after: Environment


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    running = bare(State(tmp_path_factory.mktemp("doctor")), "eu-west-1", runner=False)
    yield running.cloud
    running.emulator.stop(grace_s=5)


def run(cloud: Cloud, command: str) -> None:
    """Run `aws SERVICE OPERATION --option value ...` as the AWS CLI does, which is not among our packages."""
    for one in command.split(" && "):
        aws, service, operation, *words = shlex.split(one)
        assert aws == "aws"
        client = cloud.client(service)
        method = operation.replace("-", "_")
        shape = client.meta.service_model.operation_model(
            client.meta.method_to_api_mapping[method]
        ).input_shape
        names = {xform_name(member, "-"): member for member in shape.members}
        options = zip(words[::2], words[1::2], strict=True)
        getattr(client, method)(**{names[option.removeprefix("--")]: value for option, value in options})


def check(name: str) -> Check:
    [found] = [each for each in CHECKS if each.name == name]
    return found


def asked(cloud: Cloud, name: str, environment: Environment) -> bool | None:
    deployed = Deployed(environment.name, cast("Session", Local(cloud)))
    others = (Environment(name="other", network=NewVpc(cidr="10.9.0.0/16")),)
    return check(name).ask(Situation(environment, others, deployed)).well


def trail(cloud: Cloud) -> Played:
    del cloud

    def make(cloud: Cloud) -> None:
        client = cloud.client("cloudtrail")
        client.create_trail(Name="management", S3BucketName="trail")
        client.start_logging(Name="management")

    environment = Environment(name="test")
    return Played(environment, make, environment)


def certificates(cloud: Cloud) -> Played:
    client = cloud.client("acm")
    arn = client.request_certificate(DomainName="www.test.dev", ValidationMethod="DNS")["CertificateArn"]
    missing = f"{arn[:-4]}0000"
    made = {
        each: Environment(name="test", domain=Domain(name="www.test.dev", certificate_arns=(each,)))
        for each in (missing, arn)
    }
    return Played(made[missing], lambda _: None, made[arn])


def records(cloud: Cloud) -> Played:
    client = cloud.client("route53")
    zone = client.create_hosted_zone(Name="test.dev", CallerReference="doctor")["HostedZone"]["Id"]
    zone = zone.rpartition("/")[2]
    record = {"Name": "www.test.dev", "Type": "A", "TTL": 60, "ResourceRecords": [{"Value": "192.0.2.1"}]}

    def change(action: str) -> None:
        changes = {"Changes": [{"Action": action, "ResourceRecordSet": record}]}
        client.change_resource_record_sets(HostedZoneId=zone, ChangeBatch=changes)

    change("CREATE")
    domain = Domain(name="www.test.dev", hosted_zone_id=zone, hosted_zone_name="test.dev")
    environment = Environment(name="test", domain=domain)
    return Played(environment, lambda _: change("DELETE"), environment)


def secrets(cloud: Cloud) -> Played:
    def make(cloud: Cloud) -> None:
        cloud.client("secretsmanager").create_secret(Name="test/one", SecretString="x")
        cloud.client("ssm").put_parameter(Name="/web/two", Value="x", Type="SecureString")

    del cloud
    declared: dict[str, SecretChoice] = {
        "ONE": SecretsManagerSecret(name="test/one"),
        "TWO": SecureParameter(name="/web/two"),
    }
    environment = Environment(name="test", secrets=declared)
    return Played(environment, make, environment)


def subnets(cloud: Cloud) -> Played:
    client = cloud.client("ec2")
    vpcs = [client.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"] for _ in range(2)]
    ids = [
        [
            client.create_subnet(VpcId=vpc, CidrBlock=f"10.0.{number}.0/24")["Subnet"]["SubnetId"]
            for number in range(4)
        ]
        for vpc in vpcs
    ]

    def environment(given: list[str]) -> Environment:
        network = ExistingVpc(
            vpc_id=vpcs[0],
            cidr="10.0.0.0/16",
            public_subnet_ids=tuple(given[:2]),
            private_subnet_ids=tuple(given[2:]),
        )
        return Environment(name="test", network=network)

    return Played(environment(ids[1]), lambda _: None, environment(ids[0]))


def addresses(cloud: Cloud) -> Played:
    del cloud
    cidrs = ("10.9.0.0/16", "10.3.0.0/16")
    before, after = (Environment(name="test", network=NewVpc(cidr=cidr)) for cidr in cidrs)
    return Played(before, lambda _: None, after)


def mail(cloud: Cloud) -> Played:
    del cloud
    after = Environment(name="test", alarms=Alarms(email="ops@test.dev"))
    return Played(Environment(name="test"), lambda _: None, after)


PLAYED: dict[str, Callable[[Cloud], Played]] = {
    "trail": trail,
    "certificates": certificates,
    "records": records,
    "secrets": secrets,
    "subnets": subnets,
    "addresses": addresses,
    "mail": mail,
}


@pytest.mark.parametrize("name", PLAYED)
def test_a_fix_of_the_checklist_mends_what_it_is_for(name: str, cloud: Cloud) -> None:
    played = PLAYED[name](cloud)
    assert asked(cloud, name, played.before) is False
    played.fix(cloud)
    assert asked(cloud, name, played.after) is True


@pytest.mark.parametrize("service", account.LINKED_ROLES)
def test_the_command_for_each_of_awss_own_roles_makes_it(
    service: str, cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    # One after the other: the emulator has one name for the two of ECS.
    monkeypatch.setattr(account, "LINKED_ROLES", (service,))
    environment = Environment(name="test")
    assert asked(cloud, ROLES, environment) is False
    [command] = [one for one in check(ROLES).fix.split(" && ") if one.endswith(f" {service}")]
    run(cloud, command)
    assert asked(cloud, ROLES, environment) is True
    iam = cloud.client("iam")
    for role in iam.list_roles(PathPrefix=f"/aws-service-role/{service}/")["Roles"]:
        iam.delete_service_linked_role(RoleName=role["RoleName"])


def test_the_checklist_calls_played_what_is_played() -> None:
    assert {each.name for each in CHECKS if each.played} == {ROLES, *PLAYED, *PLAYED_ELSEWHERE}
