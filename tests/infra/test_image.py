"""Test the image: built by the deployment, or promoted by its digest."""

import json
from pathlib import Path
from typing import Any

import pytest
from aws_cdk.assertions import Template
from pydantic import ValidationError

from infra.application import empty_app
from infra.parameters import BuildImage, Environment, ImageByDigest, explain
from infra.stack import WebStack

DIGEST = "sha256:" + "0123456789abcdef" * 4
IN_ECR = ImageByDigest(repository="123456789012.dkr.ecr.eu-west-1.amazonaws.com/web", digest=DIGEST)
SECRET = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:registry-abcdef"


def made(folder: Path, **changes: Any) -> tuple[Template, dict[str, Any]]:
    """Return the template, and the container that runs the service."""
    environment = Environment(name="test", **changes)
    template = Template.from_stack(
        WebStack(empty_app(outdir=str(folder)), "Web-test", environment=environment)
    )
    (task,) = template.find_resources("AWS::ECS::TaskDefinition").values()
    return template, task["Properties"]["ContainerDefinitions"][0]


def variables(container: dict[str, Any]) -> dict[str, str]:
    return {pair["Name"]: pair["Value"] for pair in container["Environment"]}


def sources(folder: Path) -> list[dict[str, Any]]:
    """Return how images of the service are built."""
    assets = json.loads((folder / "Web-test.assets.json").read_text())
    every = [image["source"] for image in assets["dockerImages"].values()]
    return [source for source in every if not (folder / source["directory"] / "nginx.conf").exists()]


def test_is_built_from_the_service_by_default(tmp_path: Path) -> None:
    made(tmp_path)
    assert len(sources(tmp_path)) == 1


def test_the_build_may_be_told_its_stage_arguments_and_cache(tmp_path: Path) -> None:
    choice = BuildImage(target="small", build_args={"BASE": "python:3.13"}, github_cache=True)
    made(tmp_path, image=choice)
    (source,) = sources(tmp_path)
    assert source["dockerBuildTarget"] == "small"
    assert source["dockerBuildArgs"] == {"BASE": "python:3.13"}
    assert source["cacheFrom"] == [{"type": "gha"}]
    assert source["cacheTo"] == {"type": "gha", "params": {"mode": "max"}}


def test_an_image_by_digest_is_taken_as_it_is_and_nothing_is_built(tmp_path: Path) -> None:
    _, container = made(tmp_path, image=IN_ECR)
    assert str(container["Image"]).count(f"/web@{DIGEST}") == 1
    assert sources(tmp_path) == []


def test_its_digest_is_the_version(tmp_path: Path) -> None:
    _, container = made(tmp_path, image=IN_ECR)
    assert variables(container)["VERSION"] == "0123456789ab"


def test_tasks_may_pull_from_that_repository_alone(tmp_path: Path) -> None:
    template, _ = made(tmp_path, image=IN_ECR)
    (pull,) = (
        statement
        for policy in template.find_resources("AWS::IAM::Policy").values()
        for statement in policy["Properties"]["PolicyDocument"]["Statement"]
        if "ecr:BatchGetImage" in statement["Action"]
    )
    service, proxy = pull["Resource"]
    assert service == "arn:aws:ecr:eu-west-1:123456789012:repository/web"
    assert "container-assets" in str(proxy)


def test_another_registry_may_ask_for_a_password(tmp_path: Path) -> None:
    choice = ImageByDigest(repository="ghcr.io/acme/web", digest=DIGEST, credentials_secret_arn=SECRET)
    _, container = made(tmp_path, image=choice)
    assert container["Image"] == f"ghcr.io/acme/web@{DIGEST}"
    assert container["RepositoryCredentials"] == {"CredentialsParameter": SECRET}


@pytest.mark.parametrize(
    "reference", ["web", "ghcr.io/acme/web:1.2", "ghcr.io/acme/web@sha256:12", f"@{DIGEST}"]
)
def test_refuses_a_reference_that_may_change(reference: str) -> None:
    with pytest.raises(ValidationError) as caught:
        ImageByDigest.parse(reference)
    assert "ImageByDigest." in explain(caught.value)
