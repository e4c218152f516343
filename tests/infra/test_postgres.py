"""Test the database of an environment: who reaches it, how it is protected, what the app is told."""

import json
from pathlib import Path
from typing import Any

import pytest
from aws_cdk.assertions import Match, Template
from pydantic import ValidationError

from infra.application import build_app
from infra.parameters import (
    Environment,
    ExistingDatabase,
    ExistingVpc,
    NewVpc,
    Postgres,
    SecureParameter,
    Tasks,
    explain,
    needs,
)
from infra.parameters.quotas import VPCS

FEW = Tasks(max=2, threads=4)
SMALL = Postgres(instance="t4g.micro", multi_az=False)


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
    existing = ExistingDatabase(
        host="db.example.com",
        name="shop",
        user="shop",
        password=SecureParameter(name="/web/theirs/password"),
        max_connections=200,
    )
    build_app(
        Environment(name="kept", database=Postgres(), tasks=FEW, release_command=("flask", "db", "upgrade")),
        Environment(name="thrown", database=SMALL, tasks=FEW, removal="destroy"),
        Environment(name="inside", database=SMALL, tasks=FEW, network=vpc),
        Environment(name="theirs", database=existing, tasks=FEW, release_command=("flask", "db", "upgrade")),
        outdir=str(folder),
    ).synth()
    found = {
        path.name.partition(".")[0]: json.loads(path.read_text()) for path in folder.glob("*.template.json")
    }
    return {**found, "manifest": json.loads(Path(folder, "manifest.json").read_text())}


def template(made: dict[str, Any], name: str) -> Template:
    return Template.from_json(made[name])


def containers(made: dict[str, Any], name: str) -> dict[str, Any]:
    """Return the containers of all task definitions by name."""
    resources = made[name]["Resources"].values()
    tasks = [each["Properties"] for each in resources if each["Type"] == "AWS::ECS::TaskDefinition"]
    return {each["Name"]: each for task in tasks for each in task["ContainerDefinitions"]}


def secrets(container: dict[str, Any]) -> set[str]:
    return {each["Name"] for each in container.get("Secrets", [])}


def variables(container: dict[str, Any]) -> dict[str, Any]:
    return {each["Name"]: each["Value"] for each in container["Environment"]}


def properties(made: dict[str, Any], name: str, kind: str) -> dict[str, Any]:
    [found] = [each for each in made[name]["Resources"].values() if each["Type"] == kind]
    return dict(found.get("Properties", {}))


def refusal(**values: Any) -> str:
    with pytest.raises(ValidationError) as caught:
        Environment(name="test", **{"database": SMALL, "tasks": FEW, **values})
    return explain(caught.value)


def test_it_is_in_a_stack_of_its_own_that_is_deployed_before_the_service(made: dict[str, Any]) -> None:
    template(made, "Web-kept").resource_count_is("AWS::RDS::DBInstance", 0)
    assert "Data-kept" in made["manifest"]["artifacts"]["Web-kept"]["dependencies"]


def test_the_service_refers_to_it_weakly(made: dict[str, Any]) -> None:
    assert "Fn::GetStackOutput" in json.dumps(made["Web-kept"])
    assert not any("Export" in each for each in made["Data-kept"].get("Outputs", {}).values())


def test_stack_and_instance_are_protected_where_they_are_kept(made: dict[str, Any]) -> None:
    assert made["manifest"]["artifacts"]["Data-kept"]["properties"]["terminationProtection"] is True
    assert properties(made, "Data-kept", "AWS::RDS::DBInstance")["DeletionProtection"] is True
    template(made, "Data-kept").has_resource(
        "AWS::RDS::DBInstance", {"DeletionPolicy": "RetainExceptOnCreate", "UpdateReplacePolicy": "Retain"}
    )


def test_it_is_created_last_so_that_its_protection_stops_no_rollback(made: dict[str, Any]) -> None:
    others = made["Data-kept"]["Resources"]
    (instance,) = (name for name, each in others.items() if each["Type"] == "AWS::RDS::DBInstance")
    (secret,) = (name for name, each in others.items() if each["Type"] == "AWS::SecretsManager::Secret")
    assert secret in others[instance]["DependsOn"]


def test_deleting_one_that_is_thrown_away_leaves_a_snapshot(made: dict[str, Any]) -> None:
    template(made, "Data-thrown").has_resource("AWS::RDS::DBInstance", {"DeletionPolicy": "Snapshot"})


def test_cloudformation_cannot_replace_it_by_an_empty_one(made: dict[str, Any]) -> None:
    assert properties(made, "Data-kept", "AWS::RDS::DBInstance")["DBInstanceIdentifier"] == "data-kept"


def test_it_speaks_tls_alone_and_is_told_its_connections(made: dict[str, Any]) -> None:
    told = properties(made, "Data-kept", "AWS::RDS::DBParameterGroup")["Parameters"]
    assert (told["rds.force_ssl"], told["max_connections"]) == ("1", "200")


def test_nothing_leads_out_of_its_vpc(made: dict[str, Any]) -> None:
    for kind in ("AWS::EC2::InternetGateway", "AWS::EC2::NatGateway", "AWS::EC2::Route"):
        template(made, "Data-kept").resource_count_is(kind, 0)


def test_only_the_tasks_reach_it(made: dict[str, Any]) -> None:
    template(made, "Data-kept").resource_count_is("AWS::EC2::SecurityGroupIngress", 0)
    assert "SecurityGroupIngress" not in properties(made, "Data-kept", "AWS::EC2::SecurityGroup")
    rules = [
        each["Properties"]
        for each in made["Web-kept"]["Resources"].values()
        if each["Type"] == "AWS::EC2::SecurityGroupIngress"
        and "GetStackOutput" in str(each["Properties"]["GroupId"])
    ]
    [rule] = rules
    assert (rule["FromPort"], rule["ToPort"]) == (5433, 5433)
    assert "WebGroup" in str(rule["SourceSecurityGroupId"])


def test_each_task_subnet_has_a_way_to_it_and_each_of_its_subnets_one_back(made: dict[str, Any]) -> None:
    routes = [
        each["Properties"]
        for each in made["Web-kept"]["Resources"].values()
        if each["Type"] == "AWS::EC2::Route" and "VpcPeeringConnectionId" in each["Properties"]
    ]
    assert (
        sorted(each["DestinationCidrBlock"] for each in routes) == ["10.0.0.0/16"] * 2 + ["10.254.0.0/24"] * 2
    )


def test_in_a_vpc_that_exists_it_takes_the_private_subnets_there(made: dict[str, Any]) -> None:
    template(made, "Data-inside").resource_count_is("AWS::EC2::VPC", 0)
    template(made, "Data-inside").has_resource_properties(
        "AWS::RDS::DBSubnetGroup", {"SubnetIds": ["subnet-01234569", "subnet-0123456a"]}
    )
    template(made, "Web-inside").resource_count_is("AWS::EC2::VPCPeeringConnection", 0)


def test_the_app_gets_its_own_login_and_the_release_command_the_administrators_too(
    made: dict[str, Any],
) -> None:
    found = containers(made, "Web-kept")
    assert secrets(found["web"]) == {"DATABASE_LOGIN"}
    assert secrets(found["release"]) == {
        "DATABASE_LOGIN",
        "DATABASE_ADMIN_USERNAME",
        "DATABASE_ADMIN_PASSWORD",
    }
    assert variables(found["web"])["DATABASE_SSLMODE"] == "require"
    assert not secrets(found["proxy"])


def readers(made: dict[str, Any], name: str, secret: str) -> set[str]:
    """Return the tasks whose role may read a secret with these letters in its reference, and other roles."""
    tasks = {
        each["Properties"]["ExecutionRoleArn"]["Fn::GetAtt"][0]: each["Properties"]["ContainerDefinitions"][0]
        for each in made[name]["Resources"].values()
        if each["Type"] == "AWS::ECS::TaskDefinition"
    }
    return {
        tasks[role["Ref"]]["Name"] if role["Ref"] in tasks else role["Ref"]
        for each in made[name]["Resources"].values()
        if each["Type"] == "AWS::IAM::Policy"
        for role in each["Properties"]["Roles"]
        for statement in each["Properties"]["PolicyDocument"]["Statement"]
        if "secretsmanager:GetSecretValue" in statement["Action"] and secret in str(statement["Resource"])
    }


def test_the_administrators_login_is_for_the_tasks_that_need_it_and_not_for_the_service(
    made: dict[str, Any],
) -> None:
    assert readers(made, "Web-kept", "MasterUserSecret") == {"release", "rotate"}
    # By a function, too, which writes the next version and runs the task.
    app = readers(made, "Web-kept", "DatabaseApp")
    assert app - {each for each in app if each.startswith("DatabaseRotation")} == {"web", "release", "rotate"}


def test_the_login_is_rotated_by_a_task_that_reads_the_pending_one(made: dict[str, Any]) -> None:
    schedule = properties(made, "Web-kept", "AWS::SecretsManager::RotationSchedule")
    assert schedule["RotationRules"] == {"AutomaticallyAfterDays": 30}
    assert schedule["RotateImmediatelyOnUpdate"] is False
    (login,) = [
        each["ValueFrom"]
        for each in containers(made, "Web-kept")["rotate"]["Secrets"]
        if each["Name"] == "DATABASE_LOGIN"
    ]
    assert str(login).endswith("'::AWSPENDING:']]}")
    template(made, "Web-kept").has_resource_properties(
        "AWS::Lambda::Permission",
        {"Principal": "secretsmanager.amazonaws.com", "SourceArn": Match.any_value()},
    )


def test_a_database_of_yours_is_not_rotated(made: dict[str, Any]) -> None:
    template(made, "Web-theirs").resource_count_is("AWS::SecretsManager::RotationSchedule", 0)


def test_the_kit_runs_the_release_command_under_its_lock(made: dict[str, Any]) -> None:
    lock = ["python", "-m", "service.kit.migration"]
    upgrade = ["flask", "db", "upgrade"]
    assert containers(made, "Web-kept")["release"]["Command"] == lock + upgrade
    assert containers(made, "Web-theirs")["release"]["Command"] == lock + upgrade


def test_without_a_release_command_the_apps_user_is_made_nevertheless(made: dict[str, Any]) -> None:
    assert containers(made, "Web-thrown")["release"]["Command"] == ["python", "-m", "service.kit.migration"]


def test_the_release_command_waits_until_the_database_can_be_reached(made: dict[str, Any]) -> None:
    template(made, "Web-kept").has_resource(
        "Custom::ReleaseCommand", {"DependsOn": Match.array_with([Match.string_like_regexp("AccessTasks")])}
    )


def test_the_app_is_told_of_a_database_that_exists(made: dict[str, Any]) -> None:
    web = containers(made, "Web-theirs")["web"]
    assert variables(web)["DATABASE_HOST"] == "db.example.com"
    assert secrets(web) == {"DATABASE_PASSWORD"}


def test_the_connections_of_its_size_bound_the_tasks() -> None:
    said = refusal(tasks=Tasks(max=10))
    assert "database.max_connections is 100" in said
    assert "take a larger database.instance" in said


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"network": NewVpc(cidr="10.254.0.0/16")}, "overlaps network.cidr 10.254.0.0/16"),
        ({"variables": {"DATABASE_URL": "x"}}, "DATABASE_URL is given, but it follows from database"),
        (
            {"database": SMALL.model_copy(update={"storage_gib": 200})},
            "database.max_storage_gib is 100, below database.storage_gib (200)",
        ),
    ],
)
def test_a_database_that_cannot_work_is_refused(values: dict[str, Any], said: str) -> None:
    assert said in refusal(**values)


def test_an_environment_with_a_database_needs_two_vpcs() -> None:
    [vpcs] = [
        each for each in needs([Environment(name="test", database=SMALL, tasks=FEW)]) if each.quota is VPCS
    ]
    assert vpcs.by["test"] == 2


@pytest.mark.parametrize("cidr", ["10.254.0.0/25", "10.0.0.0/8"])
def test_its_addresses_have_room_for_subnets(cidr: str) -> None:
    with pytest.raises(ValidationError, match="must be an IPv4 network of /16 to /24"):
        Postgres(cidr=cidr)
