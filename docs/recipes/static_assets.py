"""Static assets: let CloudFront serve service/app/static from S3, so that Gunicorn never sees those requests.

For sites whose pages load many files. Storage and requests cost cents. Not without CloudFront. Not for
files that only some users may see: everybody can read what is in the bucket.

    if stack.parameters.name == "prod":
        serve_static_from_s3(stack)

The bucket answers the `cached_path` of `ingress=CloudFront(...)`, by default /static/*. The files are
uploaded before the tasks whose pages name them start, and stay for browsers that still show a page of an
older release.
"""

from pathlib import Path
from typing import cast

from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_cloudfront as cloudfront
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_s3_deployment as deployment
from constructs import IConstruct

from infra.acknowledge import acknowledge, as_cdk_nag_writes
from infra.log_groups import log_group
from infra.parameters import CloudFront, NewLoadBalancer
from infra.stack import SERVICE, WebStack

_SHORT = Duration.minutes(5)
# Names with eight hexadecimal digits between dots, such as app.3f2a9c1b.css, whose content never changes.
_HASHED_NAMES = "*." + "[0-9a-f]" * 8 + ".*"
_LONG = Duration.days(365)
_ORIGIN = "static-assets"


def serve_static_from_s3(stack: WebStack, *, files: Path = SERVICE / "app" / "static") -> s3.Bucket:
    """Upload `files` and let CloudFront serve them; browsers keep hashed names a year, others five minutes.

    Raises ValueError where there is no CloudFront, no such folder, or `cached_path` is not one folder such as
    /static/*.
    """
    environment, distribution = stack.parameters, stack.front_door.distribution
    balancer = environment.load_balancer
    if distribution is None or not isinstance(balancer, NewLoadBalancer):
        raise ValueError(
            f"static assets come over CloudFront, which environment '{environment.name}' does not have: "
            "set load_balancer to NewLoadBalancer(ingress=CloudFront(...))"
        )
    path = cast("CloudFront", balancer.ingress).cached_path
    folder = path.removeprefix("/").removesuffix("/*")
    if path != f"/{folder}/*" or "*" in folder:
        raise ValueError(f"cached_path is '{path}': set it to one folder of your files, such as /static/*")
    if not files.is_dir():
        raise ValueError(f"files is '{files}', which is no folder: name the folder of your static files")

    # All of its content comes from this repository, so it is deleted with the stack.
    bucket = s3.Bucket(
        stack,
        "StaticAssets",
        encryption=s3.BucketEncryption.S3_MANAGED,
        block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
        enforce_ssl=True,
        removal_policy=RemovalPolicy.DESTROY,
        auto_delete_objects=True,
    )
    acknowledge(bucket, rule="AwsSolutions-S1", reason="Public files: CloudFront alone reads them.")
    _let_read(distribution, bucket)
    _upload(stack, bucket, files, folder)
    return bucket


def _let_read(distribution: cloudfront.Distribution, bucket: s3.Bucket) -> None:
    """Make the bucket the origin of the cached path, in place of the load balancer."""
    access = cloudfront.S3OriginAccessControl(bucket, "Access")
    config = cast("cloudfront.CfnDistribution", distribution.node.default_child)
    # Set through the L1: the L2 can only add paths, and CloudFront takes each path once.
    config.add_property_override(
        "DistributionConfig.Origins.1",
        {
            "Id": _ORIGIN,
            "DomainName": bucket.bucket_regional_domain_name,
            "OriginAccessControlId": access.origin_access_control_id,
            "S3OriginConfig": {"OriginAccessIdentity": ""},
        },
    )
    cached = "DistributionConfig.CacheBehaviors.0"
    config.add_property_override(f"{cached}.TargetOriginId", _ORIGIN)
    # S3 answers to its own name, not to the viewer's.
    config.add_property_deletion_override(f"{cached}.OriginRequestPolicyId")
    bucket.add_to_resource_policy(
        iam.PolicyStatement(
            principals=[iam.ServicePrincipal("cloudfront.amazonaws.com")],
            actions=["s3:GetObject"],
            resources=[bucket.arn_for_objects("*")],
            conditions={"StringEquals": {"AWS:SourceArn": distribution.distribution_arn}},
        )
    )


def _upload(stack: WebStack, bucket: s3.Bucket, files: Path, folder: str) -> None:
    log = log_group(
        bucket,
        "UploadLog",
        log_days=stack.parameters.log_days,
        removal_policy=RemovalPolicy.DESTROY,
    )
    names = {"Hashed": ["*"], "Others": [_HASHED_NAMES]}
    for id, exclude in names.items():
        hashed = id == "Hashed"
        control = [
            deployment.CacheControl.set_public(),
            deployment.CacheControl.max_age(_LONG if hashed else _SHORT),
        ]
        upload = deployment.BucketDeployment(
            bucket,
            id,
            sources=[deployment.Source.asset(str(files))],
            destination_bucket=bucket,
            destination_key_prefix=folder,
            exclude=exclude,
            include=[_HASHED_NAMES] if hashed else None,
            cache_control=[*control, deployment.CacheControl.immutable()] if hashed else control,
            # Older releases' pages still ask for older files.
            prune=False,
            log_group=log,
        )
        _acknowledge(upload, stack, bucket)
        stack.web.service.node.add_dependency(upload)


def _acknowledge(upload: deployment.BucketDeployment, stack: WebStack, bucket: s3.Bucket) -> None:
    account = as_cdk_nag_writes(stack, stack.account)
    partition = as_cdk_nag_writes(stack, stack.partition)
    staging = f"cdk-{stack.parameters.bootstrap_qualifier}-assets-{account}-{stack.region}"
    logical_id = stack.get_logical_id(cast("s3.CfnBucket", bucket.node.default_child))
    wildcards = [
        *(f"Action::s3:{name}*" for name in ("GetBucket", "GetObject", "List", "Abort", "DeleteObject")),
        f"Resource::arn:{partition}:s3:::{staging}/*",
        f"Resource::<{logical_id}.Arn>/*",
    ]
    basic = "Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"
    rules = ["L1", f"IAM4[{basic}]", *(f"IAM5[{wildcard}]" for wildcard in wildcards)]
    handler = cast("IConstruct", upload.handler_role.node.scope)
    for rule in rules:
        acknowledge(
            handler,
            rule=f"AwsSolutions-{rule}",
            reason="The CDK's own function, which copies files from its staging bucket to this one.",
        )
