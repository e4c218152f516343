"""Test the cache of an environment: who reaches it, who logs in, what the app is told."""

import json
from pathlib import Path
from typing import Any

import pytest
from aws_cdk.assertions import Match, Template
from pydantic import ValidationError

from infra.application import build_app
from infra.parameters import (
    Environment,
    ExistingVpc,
    NewVpc,
    Postgres,
    SharedLoadBalancer,
    Tasks,
    Valkey,
    Worker,
    explain,
    needs,
)
from infra.parameters.quotas import VPCS

FEW = Tasks(max=2, threads=4)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Synthesise an environment that is kept, one that is thrown away, and one in a VPC that exists."""
    folder = tmp_path_factory.mktemp("out")
    vpc = ExistingVpc(
        vpc_id="vpc-01234567",
        cidr="10.0.0.0/16",
        public_subnet_ids=("subnet-01234567", "subnet-01234568"),
        private_subnet_ids=("subnet-01234569", "subnet-0123456a"),
    )
    build_app(
        Environment(
            name="kept",
            cache=Valkey(max_storage_gb=3, max_ecpu_per_second=7000, backup_days=9),
            database=Postgres(),
            tasks=FEW,
            workers=(Worker(name="celery", command=("celery", "worker")),),
        ),
        Environment(name="thrown", cache=Valkey(), removal="destroy"),
        Environment(name="inside", cache=Valkey(), network=vpc),
        outdir=str(folder),
    ).synth()
    found = {
        path.name.partition(".")[0]: json.loads(path.read_text()) for path in folder.glob("*.template.json")
    }
    return {**found, "manifest": json.loads(Path(folder, "manifest.json").read_text())}


def template(made: dict[str, Any], name: str) -> Template:
    return Template.from_json(made[name])


def cache(made: dict[str, Any], name: str) -> dict[str, Any]:
    kind = "AWS::ElastiCache::ServerlessCache"
    [found] = [each for each in made[name]["Resources"].values() if each["Type"] == kind]
    return dict(found)


def refusal(**values: Any) -> str:
    with pytest.raises(ValidationError) as caught:
        Environment(name="test", **{"cache": Valkey(), **values})
    return explain(caught.value)


def test_it_is_in_the_stack_of_data_which_is_deployed_first(made: dict[str, Any]) -> None:
    template(made, "Web-thrown").resource_count_is("AWS::ElastiCache::ServerlessCache", 0)
    assert "Data-thrown" in made["manifest"]["artifacts"]["Web-thrown"]["dependencies"]


def test_its_limits_are_those_that_are_given(made: dict[str, Any]) -> None:
    properties = cache(made, "Data-kept")["Properties"]
    assert properties["CacheUsageLimits"] == {
        "DataStorage": {"Maximum": 3, "Unit": "GB"},
        "ECPUPerSecond": {"Maximum": 7000},
    }
    assert properties["SnapshotRetentionLimit"] == 9


def test_it_stays_where_the_environment_is_kept_and_goes_with_one_that_is_not(made: dict[str, Any]) -> None:
    assert cache(made, "Data-kept")["DeletionPolicy"] == "RetainExceptOnCreate"
    assert cache(made, "Data-thrown")["DeletionPolicy"] == "Delete"


def test_cloudformation_cannot_replace_it_by_an_empty_one(made: dict[str, Any]) -> None:
    assert cache(made, "Data-kept")["Properties"]["ServerlessCacheName"] == "data-kept"


def test_only_a_user_with_a_password_logs_in(made: dict[str, Any]) -> None:
    data = template(made, "Data-kept")
    data.resource_count_is("AWS::ElastiCache::User", 1)
    data.has_resource_properties(
        "AWS::ElastiCache::User",
        {"NoPasswordRequired": Match.absent(), "Passwords": [Match.any_value()], "UserName": "app"},
    )
    data.has_resource_properties("AWS::ElastiCache::UserGroup", {"UserIds": [Match.any_value()]})
    assert "UserGroupId" in cache(made, "Data-kept")["Properties"]


def test_the_password_is_in_no_template(made: dict[str, Any]) -> None:
    users = template(made, "Data-kept").find_resources("AWS::ElastiCache::User")
    [user] = users.values()
    assert "{{resolve:secretsmanager:" in json.dumps(user["Properties"]["Passwords"])


def test_nothing_leads_out_of_its_vpc(made: dict[str, Any]) -> None:
    for kind in ("AWS::EC2::InternetGateway", "AWS::EC2::NatGateway", "AWS::EC2::Route"):
        template(made, "Data-thrown").resource_count_is(kind, 0)


def test_only_the_tasks_reach_it(made: dict[str, Any]) -> None:
    template(made, "Data-thrown").resource_count_is("AWS::EC2::SecurityGroupIngress", 0)
    [rule] = [
        each["Properties"]
        for each in made["Web-thrown"]["Resources"].values()
        if each["Type"] == "AWS::EC2::SecurityGroupIngress"
        and "GetStackOutput" in str(each["Properties"]["GroupId"])
    ]
    assert (rule["FromPort"], rule["ToPort"]) == (6379, 6379)
    assert "WebGroup" in str(rule["SourceSecurityGroupId"])


def test_it_has_a_vpc_of_its_own_beside_the_databases(made: dict[str, Any]) -> None:
    template(made, "Data-kept").resource_count_is("AWS::EC2::VPC", 2)
    template(made, "Web-kept").resource_count_is("AWS::EC2::VPCPeeringConnection", 2)
    environment = Environment(name="test", cache=Valkey(), database=Postgres(), tasks=FEW)
    [vpcs] = [each for each in needs([environment]) if each.quota is VPCS]
    assert vpcs.by["test"] == 3


def test_in_a_vpc_that_exists_it_takes_the_private_subnets_there(made: dict[str, Any]) -> None:
    template(made, "Data-inside").resource_count_is("AWS::EC2::VPC", 0)
    assert cache(made, "Data-inside")["Properties"]["SubnetIds"] == ["subnet-01234569", "subnet-0123456a"]
    template(made, "Web-inside").resource_count_is("AWS::EC2::VPCPeeringConnection", 0)


@pytest.mark.parametrize("name", ["web", "celery", "release"])
def test_app_workers_and_release_command_are_told_where_it_is(made: dict[str, Any], name: str) -> None:
    resources = made["Web-kept"]["Resources"].values()
    tasks = [each["Properties"] for each in resources if each["Type"] == "AWS::ECS::TaskDefinition"]
    [container] = [each for task in tasks for each in task["ContainerDefinitions"] if each["Name"] == name]
    variables = {each["Name"]: each["Value"] for each in container["Environment"]}
    assert (variables["CACHE_USER"], variables["CACHE_SCHEME"]) == ("app", "rediss")
    assert "Fn::GetStackOutput" in variables["CACHE_HOST"]
    assert "CACHE_PASSWORD" in {each["Name"] for each in container["Secrets"]}


def test_tasks_start_when_they_can_reach_it(made: dict[str, Any]) -> None:
    services = template(made, "Web-kept").find_resources("AWS::ECS::Service")
    assert len(services) == 2
    for each in services.values():
        assert any("CacheAccess" in name for name in each["DependsOn"])


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"network": NewVpc(cidr="10.253.0.0/16")}, "cache.cidr 10.253.0.0/24 overlaps network.cidr"),
        (
            {"database": Postgres(cidr="10.253.0.0/24"), "tasks": FEW},
            "cache.cidr 10.253.0.0/24 overlaps database.cidr 10.253.0.0/24",
        ),
        ({"variables": {"CACHE_URL": "x"}}, "CACHE_URL is given, but it follows from cache"),
        (
            {"load_balancer": SharedLoadBalancer(owner="other", rule_priority=1)},
            "load_balancer is shared with 'other'",
        ),
    ],
)
def test_a_cache_that_cannot_work_is_refused(values: dict[str, Any], said: str) -> None:
    assert said in refusal(**values)
