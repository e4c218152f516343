"""LoadBalancerLogs: the bucket for what a load balancer writes of requests, connections and health checks."""

from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_elasticloadbalancingv2 as elbv2
from aws_cdk import aws_s3 as s3
from constructs import Construct

from infra.acknowledge import acknowledge


class LoadBalancerLogs(Construct):
    """A private bucket that forgets after `log_days`, and goes with the stack where the stack may go."""

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        load_balancer: elbv2.ApplicationLoadBalancer,
        log_days: int,
        removal_policy: RemovalPolicy,
    ) -> None:
        super().__init__(scope, id)
        self.bucket = s3.Bucket(
            self,
            "Bucket",
            # Load balancers can write to buckets with S3's own keys only.
            # https://docs.aws.amazon.com/elasticloadbalancing/latest/application/enable-access-logging.html
            encryption=s3.BucketEncryption.S3_MANAGED,
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            object_ownership=s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
            enforce_ssl=True,
            lifecycle_rules=[s3.LifecycleRule(expiration=Duration.days(log_days))],
            removal_policy=removal_policy,
            auto_delete_objects=removal_policy == RemovalPolicy.DESTROY,
        )
        acknowledge(
            self.bucket,
            rule="AwsSolutions-S1",
            reason="This is the bucket that logs are written to; logging its own access would never end.",
        )
        # Without prefixes one statement of the bucket's policy serves all three; their file names differ.
        load_balancer.log_access_logs(self.bucket)
        load_balancer.log_connection_logs(self.bucket)
        # The L2 does not know these yet.
        # https://docs.aws.amazon.com/elasticloadbalancing/latest/application/enable-health-check-logging.html
        load_balancer.set_attribute("health_check_logs.s3.enabled", "true")
        load_balancer.set_attribute("health_check_logs.s3.bucket", self.bucket.bucket_name)
