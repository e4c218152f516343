from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from aws_cdk.assertions import Match, Template

from docs.recipes.static_assets import serve_static_from_s3
from infra.parameters import CloudFront, NewLoadBalancer
from infra.stack import SERVICE
from tests.recipes.stacks import CLOUDFRONT, HTTPS, stack_of


@pytest.fixture
def made(template: Callable[[str], Template]) -> Template:
    return template("static-assets")


@pytest.fixture
def distribution(made: Template) -> dict[str, Any]:
    (only,) = made.find_resources("AWS::CloudFront::Distribution").values()
    return dict(only["Properties"]["DistributionConfig"])


def test_static_files_come_from_the_bucket_and_all_else_from_the_load_balancer(
    distribution: dict[str, Any],
) -> None:
    (static,) = distribution["CacheBehaviors"]
    balancer, bucket = distribution["Origins"]
    assert (static["PathPattern"], static["TargetOriginId"]) == ("/static/*", bucket["Id"])
    assert distribution["DefaultCacheBehavior"]["TargetOriginId"] == balancer["Id"]
    assert bucket["DomainName"]["Fn::GetAtt"][0].startswith("StaticAssets")
    # S3 refuses requests that carry the viewer's host name.
    assert "OriginRequestPolicyId" not in static


def test_this_distribution_alone_reads_the_bucket(made: Template) -> None:
    (distribution,) = made.find_resources("AWS::CloudFront::Distribution")
    (policy,) = made.find_resources("AWS::S3::BucketPolicy").values()
    statements = policy["Properties"]["PolicyDocument"]["Statement"]
    (reader,) = (
        each for each in statements if each["Effect"] == "Allow" and each["Action"] == "s3:GetObject"
    )
    assert reader["Principal"] == {"Service": "cloudfront.amazonaws.com"}
    arn = reader["Condition"]["StringEquals"]["AWS:SourceArn"]["Fn::Join"][1]
    assert arn[-3:] == [{"Ref": "AWS::AccountId"}, ":distribution/", {"Ref": distribution}]


def test_cloudfront_signs_each_request_to_the_bucket(made: Template) -> None:
    made.has_resource_properties(
        "AWS::CloudFront::OriginAccessControl",
        {"OriginAccessControlConfig": Match.object_like({"SigningBehavior": "always"})},
    )


def test_the_bucket_is_closed_to_all_else(made: Template) -> None:
    made.all_resources_properties(
        "AWS::S3::Bucket",
        {
            "PublicAccessBlockConfiguration": {
                "BlockPublicAcls": True,
                "BlockPublicPolicy": True,
                "IgnorePublicAcls": True,
                "RestrictPublicBuckets": True,
            }
        },
    )


def test_names_with_a_hash_are_kept_a_year_and_others_five_minutes(made: Template) -> None:
    hashed = "*." + "[0-9a-f]" * 8 + ".*"
    made.has_resource_properties(
        "Custom::CDKBucketDeployment",
        {
            "Exclude": ["*"],
            "Include": [hashed],
            "SystemMetadata": {"cache-control": "public, max-age=31536000, immutable"},
        },
    )
    made.has_resource_properties(
        "Custom::CDKBucketDeployment",
        {"Exclude": [hashed], "SystemMetadata": {"cache-control": "public, max-age=300"}},
    )


def test_files_are_where_the_path_says_and_those_of_older_releases_stay(made: Template) -> None:
    made.all_resources_properties(
        "Custom::CDKBucketDeployment", {"DestinationBucketKeyPrefix": "static", "Prune": False}
    )


def test_files_are_there_before_the_tasks_that_name_them(made: Template) -> None:
    uploads = made.find_resources("Custom::CDKBucketDeployment")
    (service,) = made.find_resources("AWS::ECS::Service").values()
    assert len(uploads) == 2
    assert set(uploads) <= set(service["DependsOn"])


def test_the_exceptions_for_the_copying_function_hold_in_an_account_that_is_known() -> None:
    stack = stack_of("test", **CLOUDFRONT, account="123456789012")
    serve_static_from_s3(stack, files=SERVICE.parent / "docs" / "images")
    stack.node.root.synth()  # type: ignore[attr-defined] # an App


def test_refuses_an_environment_without_cloudfront() -> None:
    with pytest.raises(ValueError, match="over CloudFront, which environment 'test' does not have"):
        serve_static_from_s3(stack_of("test", **HTTPS))


@pytest.mark.parametrize("path", ["/static", "/*", "/static/*/css/*"])
def test_refuses_a_path_that_is_no_folder(path: str) -> None:
    ingress = CloudFront(certificate_arn="arn:aws:acm:us-east-1:123456789012:certificate/1", cached_path=path)
    stack = stack_of("test", **{**CLOUDFRONT, "load_balancer": NewLoadBalancer(ingress=ingress)})
    with pytest.raises(ValueError, match="set it to one folder of your files, such as /static"):
        serve_static_from_s3(stack)


def test_refuses_a_folder_that_is_not_there(tmp_path: Path) -> None:
    stack = stack_of("test", **CLOUDFRONT)
    with pytest.raises(ValueError, match="which is no folder: name the folder of your static files"):
        serve_static_from_s3(stack, files=tmp_path / "missing")
