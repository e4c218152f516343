"""Test that the approved change set is the executed one, and that its summary says what it does."""

from typing import Any

import pytest
from botocore.stub import Stubber

from tools.pipeline.change_set import ChangeSet, losses, prepared, refuse_losses, summary
from tools.pipeline.errors import PipelineError

ARN = "arn:aws:cloudformation:eu-west-1:123456789012:changeSet/deploy-1/0a1b"


def change(type_name: str, action: str, replacement: str | None = None, name: str = "It") -> dict[str, Any]:
    made = {"ResourceType": type_name, "Action": action, "LogicalResourceId": name}
    return made | ({"Replacement": replacement} if replacement else {})


def answer(*changes: dict[str, Any], **more: Any) -> dict[str, Any]:
    values = {"ChangeSetId": ARN, "Status": "CREATE_COMPLETE", "ExecutionStatus": "AVAILABLE"}
    return values | {"Changes": [{"Type": "Resource", "ResourceChange": each} for each in changes]} | more


SERVICE = change("AWS::ECS::Service", "Modify", "False")
TASK = change("AWS::ECS::TaskDefinition", "Modify", "True")


def found(cloudformation: Any) -> ChangeSet:
    return prepared(cloudformation, stack="Web-dev", name="deploy-1")


def test_it_is_known_by_its_arn_over_all_pages(cloudformation: Any, stub: Stubber) -> None:
    stub.add_response("describe_change_set", answer(SERVICE, NextToken="more"))
    stub.add_response("describe_change_set", answer(TASK))
    assert found(cloudformation) == ChangeSet(ARN, [SERVICE, TASK])


def test_without_changes_it_is_deleted_and_there_is_nothing_to_execute(
    cloudformation: Any, stub: Stubber
) -> None:
    why = "The submitted information didn't contain changes. Submit different information."
    stub.add_response(
        "describe_change_set", answer(Status="FAILED", ExecutionStatus="UNAVAILABLE", StatusReason=why)
    )
    stub.add_response("delete_change_set", {}, {"ChangeSetName": ARN})
    assert found(cloudformation).arn == ""


def test_the_cli_may_have_deleted_it_already(cloudformation: Any, stub: Stubber) -> None:
    stub.add_client_error("describe_change_set", "ChangeSetNotFound")
    assert found(cloudformation).arn == ""


def test_one_that_cannot_be_executed_stops_the_pipeline(cloudformation: Any, stub: Stubber) -> None:
    stub.add_response(
        "describe_change_set",
        answer(Status="FAILED", ExecutionStatus="UNAVAILABLE", StatusReason="Early validation failed."),
    )
    with pytest.raises(PipelineError, match=r"FAILED and UNAVAILABLE.*Early validation failed"):
        found(cloudformation)


@pytest.mark.parametrize(
    ("changes", "is_release"),
    [([SERVICE, TASK], True), ([change("AWS::CloudWatch::Alarm", "Modify")], False), ([], False)],
)
def test_only_a_change_of_the_service_can_be_rolled_back(
    changes: list[dict[str, Any]], is_release: bool
) -> None:
    assert ChangeSet(ARN, changes).is_release is is_release


def test_a_service_that_is_new_has_no_release_to_go_back_to() -> None:
    assert not ChangeSet(ARN, [change("AWS::ECS::Service", "Add")]).is_release


DATABASE = "AWS::RDS::DBInstance"


@pytest.mark.parametrize(
    ("one", "lost"),
    [
        (change(DATABASE, "Remove"), ["removes It (AWS::RDS::DBInstance)"]),
        (change(DATABASE, "Modify", "True"), ["replaces It (AWS::RDS::DBInstance)"]),
        (change(DATABASE, "Modify", "Conditional"), ["may replace It (AWS::RDS::DBInstance)"]),
        (change("AWS::RDS::DBCluster", "Dynamic"), ["dynamic It (AWS::RDS::DBCluster)"]),
        (change("AWS::S3::Bucket", "Remove"), ["removes It (AWS::S3::Bucket)"]),
        (change(DATABASE, "Modify", "False"), []),
        (change(DATABASE, "Add"), []),
        (change(DATABASE, "Remove", name="AuroraClusterReaderA2AC4E83"), []),
        (change("AWS::RDS::DBParameterGroup", "Modify", "True"), []),
    ],
)
def test_what_would_take_data_away_is_named(one: dict[str, Any], lost: list[str]) -> None:
    assert losses(ChangeSet(ARN, [SERVICE, one])) == lost


def test_a_change_set_that_would_lose_data_is_deleted_and_stops_the_pipeline(
    cloudformation: Any, stub: Stubber
) -> None:
    stub.add_response("delete_change_set", {}, {"ChangeSetName": ARN})
    with pytest.raises(PipelineError, match=r"Data-dev replaces It .*lost.*`npx cdk deploy Data-dev"):
        refuse_losses(cloudformation, "Data-dev", ChangeSet(ARN, [change(DATABASE, "Modify", "True")]))


def test_a_change_set_that_loses_nothing_is_kept(cloudformation: Any, stub: Stubber) -> None:
    refuse_losses(cloudformation, "Data-dev", ChangeSet(ARN, [change(DATABASE, "Modify", "False")]))
    stub.assert_no_pending_responses()


def test_the_gravest_changes_come_first() -> None:
    changes = [
        change("AWS::SNS::Topic", "Add", name="A"),
        change("AWS::SNS::Topic", "Modify", "False", name="B"),
        change("AWS::SNS::Topic", "Modify", "Conditional", name="C"),
        change("AWS::SNS::Topic", "Remove", name="D"),
        change("AWS::EC2::VPC", "Modify", "True", name="E"),
    ]
    page = summary("Web-dev", ChangeSet(ARN, changes), image="web@sha256:1a")
    rows = [line.split("|")[1:3] for line in page.splitlines() if line.startswith("| ") and "`" in line]
    assert [(does.strip(), name.strip()) for does, name in rows] == [
        ("**replaces**", "`E`"),
        ("**removes**", "`D`"),
        ("**may replace**", "`C`"),
        ("adds", "`A`"),
        ("updates", "`B`"),
    ]
    assert ARN in page
    assert "web@sha256:1a" in page


def test_the_properties_that_change_are_named_once() -> None:
    details = [{"Target": {"Attribute": "Properties", "Name": name}} for name in ("Cpu", "Cpu", "Memory")]
    details.append({"Target": {"Attribute": "Tags"}})
    page = summary("Web-dev", ChangeSet(ARN, [TASK | {"Details": details}]), image="i")
    assert "| `Cpu`, `Memory`, `Tags` |" in page


def test_no_change_is_said_so() -> None:
    assert "Nothing to change" in summary("Web-dev", ChangeSet("", []), image="i")
