"""AccessLog: the bucket the load balancer writes its access log to."""

from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_s3 as s3
from constructs import Construct

from infra.acknowledged import acknowledge


class AccessLog(Construct):
    """A private bucket that forgets after `days`, and goes with the stack where the stack may go."""

    def __init__(self, scope: Construct, id: str, *, days: int, removal_policy: RemovalPolicy) -> None:
        super().__init__(scope, id)
        self.bucket = s3.Bucket(
            self,
            "Bucket",
            # Load balancers can write to buckets with S3's own keys only.
            # https://docs.aws.amazon.com/elasticloadbalancing/latest/application/enable-access-logging.html
            encryption=s3.BucketEncryption.S3_MANAGED,
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            enforce_ssl=True,
            lifecycle_rules=[s3.LifecycleRule(expiration=Duration.days(days))],
            removal_policy=removal_policy,
            auto_delete_objects=removal_policy == RemovalPolicy.DESTROY,
        )
        acknowledge(
            self.bucket,
            rule="AwsSolutions-S1",
            reason="This is the bucket that logs are written to; logging its own access would never end.",
        )
