"""Keep a load balancer's logs of requests, connections and health checks in a bucket."""

from aws_cdk import Duration, RemovalPolicy, Stack
from aws_cdk import aws_elasticloadbalancingv2 as elbv2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from constructs import Construct

from infra.acknowledge import acknowledge


class LoadBalancerLogs(Construct):
    """A private bucket that keeps files for `log_days`; `removal_policy` decides if it outlives the stack."""

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
        goes = removal_policy == RemovalPolicy.DESTROY
        self.bucket = s3.Bucket(
            self,
            "Bucket",
            # Load balancers cannot write to buckets that are encrypted with a KMS key.
            # https://docs.aws.amazon.com/elasticloadbalancing/latest/application/enable-access-logging.html
            encryption=s3.BucketEncryption.S3_MANAGED,
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            object_ownership=s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
            enforce_ssl=True,
            lifecycle_rules=[s3.LifecycleRule(expiration=Duration.days(log_days))],
            # Load balancers write a file at once: a rollback could not delete a bucket that has one.
            removal_policy=removal_policy if goes else RemovalPolicy.RETAIN,
            auto_delete_objects=goes,
        )
        acknowledge(
            self.bucket,
            rule="AwsSolutions-S1",
            reason="This is the bucket that logs are written to; logging its own access would never end.",
        )
        # Without prefixes one statement of the bucket's policy is enough; the names of files differ anyway.
        load_balancer.log_access_logs(self.bucket)
        load_balancer.log_connection_logs(self.bucket)
        # The CDK has no health check logs yet. They come from this service, in older regions too,
        # where the CDK lets in an account alone: https://github.com/aws/aws-cdk/pull/36227
        # https://docs.aws.amazon.com/elasticloadbalancing/latest/application/enable-health-check-logging.html
        self.bucket.add_to_resource_policy(
            iam.PolicyStatement(
                actions=["s3:PutObject"],
                principals=[iam.ServicePrincipal("logdelivery.elasticloadbalancing.amazonaws.com")],
                resources=[self.bucket.arn_for_objects(f"AWSLogs/{Stack.of(self).account}/*")],
            )
        )
        load_balancer.set_attribute("health_check_logs.s3.enabled", "true")
        load_balancer.set_attribute("health_check_logs.s3.bucket", self.bucket.bucket_name)
