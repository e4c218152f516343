from collections.abc import Callable
from typing import Any

import pytest
from aws_cdk.assertions import Template

from docs.recipes.volumes import add_disk, share_files
from tests.recipes.stacks import stack_of

FILES = "AWS::EFS::FileSystem"


@pytest.fixture
def made(template: Callable[[str], Template]) -> Template:
    return template("volumes")


@pytest.fixture
def task(made: Template) -> dict[str, Any]:
    (task,) = made.find_resources("AWS::ECS::TaskDefinition").values()
    return dict(task["Properties"])


def only(made: Template, kind: str) -> dict[str, Any]:
    (resource,) = made.find_resources(kind).values()
    return dict(resource)


def mounted(task: dict[str, Any], volume: str) -> list[tuple[str, bool]]:
    return [
        (point["ContainerPath"], point["ReadOnly"])
        for container in task["ContainerDefinitions"]
        for point in container["MountPoints"]
        if point["SourceVolume"] == volume
    ]


def test_all_tasks_share_the_files(task: dict[str, Any]) -> None:
    assert mounted(task, "files") == [("/data", False)]


def test_files_travel_by_tls_to_who_has_the_role_alone(task: dict[str, Any]) -> None:
    (volume,) = (each for each in task["Volumes"] if each["Name"] == "files")
    configuration = volume["EFSVolumeConfiguration"]
    assert configuration["TransitEncryption"] == "ENABLED"
    assert configuration["AuthorizationConfig"]["IAM"] == "ENABLED"
    assert configuration["AuthorizationConfig"]["AccessPointId"]["Ref"].startswith("FilesAccess")


def test_only_the_tasks_role_mounts_and_nobody_without_tls(made: Template) -> None:
    allowed, denied = only(made, FILES)["Properties"]["FileSystemPolicy"]["Statement"]
    assert allowed["Principal"]["AWS"]["Fn::GetAtt"][0].startswith("TaskDefinitionTaskRole")
    assert allowed["Action"] == ["elasticfilesystem:ClientMount", "elasticfilesystem:ClientWrite"]
    assert (denied["Effect"], denied["Condition"]) == ("Deny", {"Bool": {"aws:SecureTransport": "false"}})


def test_files_belong_to_the_services_user(made: Template) -> None:
    access = only(made, "AWS::EFS::AccessPoint")["Properties"]
    assert access["PosixUser"] == {"Uid": "10001", "Gid": "10001"}
    assert access["RootDirectory"]["CreationInfo"]["OwnerUid"] == "10001"


def test_only_tasks_reach_the_file_system_and_only_at_its_port(made: Template) -> None:
    rules = [
        rule["Properties"]
        for rule in made.find_resources("AWS::EC2::SecurityGroupIngress").values()
        if rule["Properties"]["GroupId"]["Fn::GetAtt"][0].startswith("FilesGroup")
    ]
    assert [(rule["FromPort"], rule["SourceSecurityGroupId"]["Fn::GetAtt"][0][:8]) for rule in rules] == [
        (2049, "WebGroup")
    ]
    (group,) = (
        each["Properties"]
        for name, each in made.find_resources("AWS::EC2::SecurityGroup").items()
        if name.startswith("FilesGroup")
    )
    assert "SecurityGroupIngress" not in group


def test_there_is_a_way_in_in_every_zone_before_a_task_starts(made: Template) -> None:
    ways_in = made.find_resources("AWS::EFS::MountTarget")
    assert len(ways_in) == 2
    assert set(ways_in) <= set(only(made, "AWS::ECS::Service")["DependsOn"])


def test_files_are_encrypted_backed_up_and_stay(made: Template) -> None:
    files = only(made, FILES)
    assert files["Properties"]["Encrypted"] is True
    assert files["Properties"]["BackupPolicy"] == {"Status": "ENABLED"}
    assert files["DeletionPolicy"] == "Retain"


def test_files_go_with_an_environment_that_may_go() -> None:
    stack = stack_of("test", removal="destroy")
    share_files(stack, path="/data")
    assert only(Template.from_stack(stack), FILES)["DeletionPolicy"] == "Delete"


def test_what_is_only_read_cannot_be_written() -> None:
    stack = stack_of("test")
    share_files(stack, path="/data", read_only=True)
    made = Template.from_stack(stack)
    task = only(made, "AWS::ECS::TaskDefinition")["Properties"]
    assert mounted(task, "files") == [("/data", True)]
    allowed, _ = only(made, FILES)["Properties"]["FileSystemPolicy"]["Statement"]
    assert allowed["Action"] == "elasticfilesystem:ClientMount"


def test_each_task_has_an_encrypted_disk_of_its_own(made: Template, task: dict[str, Any]) -> None:
    (volume,) = only(made, "AWS::ECS::Service")["Properties"]["VolumeConfigurations"]
    disk = volume["ManagedEBSVolume"]
    assert (disk["SizeInGiB"], disk["VolumeType"], disk["Encrypted"]) == (100, "gp3", True)
    assert mounted(task, volume["Name"]) == [("/scratch", False)]
    assert {"Name": volume["Name"], "ConfiguredAtLaunch": True} in task["Volumes"]


@pytest.mark.parametrize("gib", [0, 16385])
def test_refuses_a_disk_that_ebs_does_not_have(gib: int) -> None:
    with pytest.raises(ValueError, match=f"gib is {gib}: EBS has disks of 1 to 16384"):
        add_disk(stack_of("test"), path="/scratch", gib=gib)


@pytest.mark.parametrize("path", ["data", "/", "/tmp"])
def test_refuses_a_path_that_cannot_be(path: str) -> None:
    with pytest.raises(ValueError, match=f"path is '{path}': give a folder from the root on"):
        share_files(stack_of("test"), path=path)
