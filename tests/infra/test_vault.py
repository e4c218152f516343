"""Test the vault: a copy of the data each day, that nobody deletes before its time."""

import json
from pathlib import Path
from typing import Any

import pytest
from aws_cdk.assertions import Match, Template
from pydantic import ValidationError

from infra.application import build_app
from infra.parameters import Alarms, Aurora, Environment, Postgres, Tasks, Uploads, Valkey, Vault, explain


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Template]:
    """Synthesise an environment with all that a vault keeps, and one with little and without a lock."""
    folder = tmp_path_factory.mktemp("out")
    build_app(
        Environment(
            name="kept",
            database=Postgres(),
            tasks=Tasks(max=2, threads=4),
            uploads=Uploads(),
            vault=Vault(),
            alarms=Alarms(email="ops@example.com"),
        ),
        Environment(
            name="thrown",
            removal="destroy",
            database=Aurora(),
            tasks=Tasks(max=2, threads=4),
            vault=Vault(keep_days=7, locked=False),
        ),
        outdir=str(folder),
    ).synth()
    return {
        path.name.partition(".")[0]: Template.from_json(json.loads(path.read_text()))
        for path in Path(folder).glob("*.template.json")
    }


def properties(made: dict[str, Template], stack: str, kind: str) -> dict[str, Any]:
    [found] = made[stack].find_resources(kind).values()
    return dict(found["Properties"])


@pytest.mark.parametrize(("stack", "days"), [("Data-kept", 35), ("Data-thrown", 7)])
def test_a_copy_of_each_day_is_kept_for_so_many_days(
    made: dict[str, Template], stack: str, days: int
) -> None:
    [rule] = properties(made, stack, "AWS::Backup::BackupPlan")["BackupPlan"]["BackupPlanRule"]
    assert rule["Lifecycle"] == {"DeleteAfterDays": days}
    assert rule["ScheduleExpression"] == "cron(0 5 * * ? *)"


@pytest.mark.parametrize(
    ("stack", "kinds"),
    [("Data-kept", ["AWS::RDS::DBInstance", "AWS::S3::Bucket"]), ("Data-thrown", ["AWS::RDS::DBCluster"])],
)
def test_the_database_and_the_uploads_are_copied(
    made: dict[str, Template], stack: str, kinds: list[str]
) -> None:
    copied = properties(made, stack, "AWS::Backup::BackupSelection")["BackupSelection"]["Resources"]
    assert len(copied) == len(kinds)
    for arn, kind in zip(copied, kinds, strict=True):
        [(name, found)] = made[stack].find_resources(kind).items()
        own_name = found["Properties"].get("BucketName")
        assert name in json.dumps(arn) or json.dumps(own_name)[1:20] in json.dumps(arn)


def test_nobody_may_delete_a_copy_or_shorten_its_time(made: dict[str, Template]) -> None:
    for stack in ("Data-kept", "Data-thrown"):
        [statement] = properties(made, stack, "AWS::Backup::BackupVault")["AccessPolicy"]["Statement"]
        assert statement["Effect"] == "Deny"
        assert statement["Principal"] == {"AWS": "*"}
        assert {*statement["Action"]} == {"backup:DeleteRecoveryPoint", "backup:UpdateRecoveryPointLifecycle"}


def test_its_lock_is_final_after_three_days_unless_told_otherwise(made: dict[str, Template]) -> None:
    locked = properties(made, "Data-kept", "AWS::Backup::BackupVault")
    # ChangeableForDays alone makes the lock one that nobody takes away: without it, an administrator may.
    assert locked["LockConfiguration"] == {"MinRetentionDays": 7, "ChangeableForDays": 3}
    assert "LockConfiguration" not in properties(made, "Data-thrown", "AWS::Backup::BackupVault")


def test_it_outlives_its_stack_and_does_not_stop_another(made: dict[str, Template]) -> None:
    for stack in ("Data-kept", "Data-thrown"):
        made[stack].has_resource(
            "AWS::Backup::BackupVault", {"DeletionPolicy": "Retain", "UpdateReplacePolicy": "Retain"}
        )
        name = properties(made, stack, "AWS::Backup::BackupVault")["BackupVaultName"]
        assert "AWS::StackId" in json.dumps(name)


def test_a_copy_that_fails_is_told(made: dict[str, Template]) -> None:
    made["Web-kept"].has_resource_properties(
        "AWS::Events::Rule",
        {
            "EventPattern": {
                "source": ["aws.backup"],
                "detail-type": ["Backup Job State Change"],
                "detail": {
                    "backupVaultName": Match.any_value(),
                    "state": ["ABORTED", "EXPIRED", "FAILED"],
                },
            },
            "Targets": [
                Match.object_like(
                    {
                        "Arn": {"Ref": Match.string_like_regexp("MonitoringTopic")},
                        "RoleArn": Match.any_value(),
                    }
                )
            ],
        },
    )


@pytest.mark.parametrize("given", [{}, {"cache": Valkey()}])
def test_a_vault_for_nothing_is_refused(given: dict[str, Any]) -> None:
    with pytest.raises(ValidationError) as refused:
        Environment(name="empty", vault=Vault(), **given)
    assert "set database to Postgres() or Aurora(), or uploads to Uploads()" in explain(refused.value)
