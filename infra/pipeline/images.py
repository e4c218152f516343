"""Create the ECR repository to which the pipeline pushes each image, once for all environments."""

import aws_cdk as cdk
from aws_cdk import aws_ecr as ecr
from aws_cdk import aws_iam as iam
from constructs import Construct


class Images(Construct):
    """A repository with immutable tags; `readers` are other accounts whose tasks pull from it."""

    def __init__(self, scope: Construct, id: str, *, releases_kept: int, readers: list[str]) -> None:
        super().__init__(scope, id)
        self.repository = ecr.Repository(
            self,
            "Repository",
            image_tag_mutability=ecr.TagMutability.IMMUTABLE,
            image_scan_on_push=True,
            removal_policy=cdk.RemovalPolicy.RETAIN,
            lifecycle_rules=[
                # An image for several architectures refers to untagged images, which ECR keeps while they are
                # referred to. https://docs.aws.amazon.com/AmazonECR/latest/userguide/LifecyclePolicies.html
                ecr.LifecycleRule(
                    description="What no release refers to",
                    rule_priority=1,
                    tag_status=ecr.TagStatus.UNTAGGED,
                    max_image_age=cdk.Duration.days(1),
                ),
                ecr.LifecycleRule(
                    description="Old releases",
                    rule_priority=2,
                    tag_pattern_list=["*"],
                    max_image_count=releases_kept,
                ),
            ],
        )
        for account in readers:
            self.repository.grant_pull(iam.AccountPrincipal(account))
