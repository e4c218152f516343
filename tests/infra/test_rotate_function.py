"""Test the function that rotates the login of the database, with prepared answers of AWS."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.session import get_session
from botocore.stub import ANY, Stubber

from infra.release.functions import one_off
from infra.release.functions.rotate import create, finish, tell_database

SECRET = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:app-a1B2c3"
TOKEN, BEFORE = "1" * 36, "0" * 36
TASK = "arn:aws:ecs:eu-west-1:123456789012:task/web/0123"


@pytest.fixture
def clients() -> Iterator[dict[str, Any]]:
    """Return clients of AWS that give prepared answers alone, checked against botocore's models."""
    made = {
        name: get_session().create_client(
            name, region_name="eu-west-1", aws_access_key_id="x", aws_secret_access_key="x"
        )
        for name in ("secretsmanager", "ecs", "logs")
    }
    stubs = {name: Stubber(client) for name, client in made.items()}
    for stub in stubs.values():
        stub.activate()
    yield {**made, **{f"{name} stub": stub for name, stub in stubs.items()}}
    for stub in stubs.values():
        stub.assert_no_pending_responses()


def described(stub: Stubber, **versions: list[str]) -> None:
    known = {{"old": BEFORE, "new": TOKEN}[name]: stages for name, stages in versions.items()}
    stub.add_response("describe_secret", {"VersionIdsToStages": known}, {"SecretId": SECRET})


@pytest.mark.parametrize(("user", "other"), [("app", "app_clone"), ("app_clone", "app")])
def test_the_next_version_is_of_the_other_user_with_a_password_of_its_own(
    clients: dict[str, Any], user: str, other: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    stub = clients["secretsmanager stub"]
    described(stub, old=["AWSCURRENT"])
    current = json.dumps({"username": user, "password": "old"})
    stub.add_response(
        "get_secret_value", {"SecretString": current}, {"SecretId": SECRET, "VersionStage": "AWSCURRENT"}
    )
    monkeypatch.setattr("secrets.choice", lambda _: "x")
    stub.add_response(
        "put_secret_value",
        {},
        {
            "SecretId": SECRET,
            "ClientRequestToken": TOKEN,
            "SecretString": json.dumps({"username": other, "password": "x" * 50}),
            "VersionStages": ["AWSPENDING"],
        },
    )
    create(clients["secretsmanager"], SECRET, TOKEN)


def test_a_second_try_keeps_the_password_that_the_database_may_know(clients: dict[str, Any]) -> None:
    stub = clients["secretsmanager stub"]
    described(stub, old=["AWSCURRENT"], new=["AWSPENDING"])
    wanted = {"SecretId": SECRET, "VersionId": TOKEN, "VersionStage": "AWSPENDING"}
    stub.add_response("get_secret_value", {"SecretString": "{}"}, wanted)
    create(clients["secretsmanager"], SECRET, TOKEN)


def test_a_version_that_is_announced_and_empty_gets_a_value(clients: dict[str, Any]) -> None:
    stub = clients["secretsmanager stub"]
    described(stub, old=["AWSCURRENT"], new=["AWSPENDING"])
    stub.add_client_error("get_secret_value", "ResourceNotFoundException")
    stub.add_response("get_secret_value", {"SecretString": json.dumps({"username": "app"})}, ANY_CURRENT)
    stub.add_response("put_secret_value", {}, {**ANY_PUT})
    create(clients["secretsmanager"], SECRET, TOKEN)


ANY_CURRENT = {"SecretId": SECRET, "VersionStage": "AWSCURRENT"}
ANY_PUT = {"SecretId": SECRET, "ClientRequestToken": ANY, "SecretString": ANY, "VersionStages": ANY}


def test_the_pending_version_becomes_the_current_one(clients: dict[str, Any]) -> None:
    stub = clients["secretsmanager stub"]
    described(stub, old=["AWSCURRENT"], new=["AWSPENDING"])
    stub.add_response(
        "update_secret_version_stage",
        {},
        {
            "SecretId": SECRET,
            "VersionStage": "AWSCURRENT",
            "MoveToVersionId": TOKEN,
            "RemoveFromVersionId": BEFORE,
        },
    )
    finish(clients["secretsmanager"], SECRET, TOKEN)


def test_it_is_made_current_once(clients: dict[str, Any]) -> None:
    described(clients["secretsmanager stub"], old=["AWSPREVIOUS"], new=["AWSCURRENT"])
    finish(clients["secretsmanager"], SECRET, TOKEN)


def test_a_task_that_fails_stops_the_rotation_and_says_what_it_said(
    clients: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    place = {
        "Cluster": "web",
        "TaskDefinition": "rotate:1",
        "Container": "rotate",
        "Subnets": ["subnet-1"],
        "SecurityGroups": ["sg-1"],
        "AssignPublicIp": "DISABLED",
        "LogGroup": "log",
        "TimeoutS": "600",
    }
    monkeypatch.setenv("TASK", json.dumps(place))
    ecs, logs = clients["ecs stub"], clients["logs stub"]
    asked = dict.fromkeys(("cluster", "launchType", "taskDefinition", "networkConfiguration"), ANY)
    ecs.add_response(
        "run_task",
        {"tasks": [{"taskArn": TASK}], "failures": []},
        {**asked, "clientToken": TOKEN, "startedBy": "rotation"},
    )
    ended = {"lastStatus": "STOPPED", "containers": [{"name": "rotate", "exitCode": 1}]}
    ecs.add_response("describe_tasks", {"tasks": [ended]})
    logs.add_response("get_log_events", {"events": [{"message": "password authentication failed"}]})
    with pytest.raises(one_off.OneOffError, match="The task of the rotation ended with exit code 1") as error:
        tell_database(clients["ecs"], clients["logs"], TOKEN, sleep=lambda _: None)
    assert "password authentication failed" in str(error.value)
