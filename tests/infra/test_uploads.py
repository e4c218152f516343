"""Test the bucket for uploads: who uses it, what it refuses, what becomes of it."""

import json
from pathlib import Path
from typing import Any

import pytest
from aws_cdk.assertions import Match, Template
from pydantic import ValidationError

from infra.application import build_app
from infra.parameters import Domain, Environment, Queue, Uploads, Worker, explain

DOMAIN = Domain(name="www.example.com", hosted_zone_id="Z0EXAMPLE", hosted_zone_name="example.com")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Synthesise an environment that is kept, with a domain, and one that is thrown away, without."""
    folder = tmp_path_factory.mktemp("out")
    build_app(
        Environment(
            name="kept",
            domain=DOMAIN,
            uploads=Uploads(
                max_mib=2, content_types=("image/png", "text/csv"), expire_days=90, deleted_days=7
            ),
            workers=(Worker(name="thumbnails", command=("true",), queue=Queue()),),
        ),
        Environment(name="thrown", uploads=Uploads(), removal="destroy"),
        outdir=str(folder),
    ).synth()
    return {
        path.name.partition(".")[0]: json.loads(path.read_text()) for path in folder.glob("*.template.json")
    } | {"manifest": json.loads(Path(folder, "manifest.json").read_text())}


def template(made: dict[str, Any], name: str) -> Template:
    return Template.from_json(made[name])


def bucket(made: dict[str, Any], name: str) -> dict[str, Any]:
    [found] = [each for each in made[name]["Resources"].values() if each["Type"] == "AWS::S3::Bucket"]
    return dict(found)


def test_it_is_in_the_stack_of_data_which_is_deployed_first(made: dict[str, Any]) -> None:
    assert "uploads-kept-" in json.dumps(bucket(made, "Data-kept")["Properties"]["BucketName"])
    assert "Data-kept" in made["manifest"]["artifacts"]["Web-kept"]["dependencies"]


def test_it_is_private_and_keeps_what_is_deleted_for_some_days(made: dict[str, Any]) -> None:
    properties = bucket(made, "Data-kept")["Properties"]
    assert {*properties["PublicAccessBlockConfiguration"].values()} == {True}
    assert properties["VersioningConfiguration"] == {"Status": "Enabled"}
    [rule] = properties["LifecycleConfiguration"]["Rules"]
    assert (rule["ExpirationInDays"], rule["NoncurrentVersionExpiration"]) == (90, {"NoncurrentDays": 7})


def test_nobody_may_encrypt_with_a_key_of_their_own(made: dict[str, Any]) -> None:
    [rule] = bucket(made, "Data-kept")["Properties"]["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    assert rule["BlockedEncryptionTypes"] == {"EncryptionType": ["SSE-C"]}


def test_it_refuses_requests_without_tls(made: dict[str, Any]) -> None:
    template(made, "Data-kept").has_resource_properties(
        "AWS::S3::BucketPolicy",
        {
            "PolicyDocument": {
                "Statement": Match.array_with(
                    [
                        Match.object_like(
                            {
                                "Effect": "Deny",
                                "Action": "s3:*",
                                "Condition": {"Bool": {"aws:SecureTransport": "false"}},
                            }
                        )
                    ]
                )
            }
        },
    )


def test_it_stays_where_the_environment_is_kept_and_goes_with_one_that_is_not(made: dict[str, Any]) -> None:
    assert bucket(made, "Data-kept")["DeletionPolicy"] == "RetainExceptOnCreate"
    assert bucket(made, "Data-thrown")["DeletionPolicy"] == "Delete"
    template(made, "Data-kept").resource_count_is("Custom::S3AutoDeleteObjects", 0)
    template(made, "Data-thrown").resource_count_is("Custom::S3AutoDeleteObjects", 1)


def test_scripts_of_the_domain_alone_may_send_files(made: dict[str, Any]) -> None:
    [rule] = bucket(made, "Data-kept")["Properties"]["CorsConfiguration"]["CorsRules"]
    assert rule["AllowedOrigins"] == ["https://www.example.com"]
    assert "CorsConfiguration" not in bucket(made, "Data-thrown")["Properties"]


def test_only_the_tasks_use_it_app_and_workers_alike(made: dict[str, Any]) -> None:
    policies = [
        each["Properties"]["PolicyDocument"]["Statement"]
        for each in made["Web-kept"]["Resources"].values()
        if each["Type"] == "AWS::IAM::Policy" and "s3:PutObject" in json.dumps(each)
    ]
    assert len(policies) == 2
    for statements in policies:
        actions = {
            action for each in statements for action in _list(each["Action"]) if action.startswith("s3:")
        }
        assert actions == {
            "s3:GetObject",
            "s3:PutObject",
            "s3:DeleteObject",
            "s3:AbortMultipartUpload",
            "s3:ListBucket",
        }


def _list(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value


@pytest.mark.parametrize("name", ["web", "thumbnails"])
def test_app_and_workers_are_told_of_it(made: dict[str, Any], name: str) -> None:
    resources = made["Web-kept"]["Resources"].values()
    tasks = [each["Properties"] for each in resources if each["Type"] == "AWS::ECS::TaskDefinition"]
    [container] = [each for task in tasks for each in task["ContainerDefinitions"] if each["Name"] == name]
    variables = {each["Name"]: each["Value"] for each in container["Environment"]}
    assert (variables["UPLOADS_MAX_BYTES"], variables["UPLOADS_CONTENT_TYPES"]) == (
        "2097152",
        "image/png,text/csv",
    )
    assert "uploads-kept-" in json.dumps(variables["UPLOADS_BUCKET"])


def test_what_follows_from_it_cannot_be_given() -> None:
    with pytest.raises(ValidationError) as caught:
        Environment(name="test", uploads=Uploads(), variables={"UPLOADS_BUCKET": "x"})
    assert "UPLOADS_BUCKET is given, but it follows from uploads" in explain(caught.value)


def test_a_type_with_parameters_is_refused() -> None:
    with pytest.raises(ValidationError, match="a type such as image/png, without parameters"):
        Uploads(content_types=("text/html; charset=utf-8",))
