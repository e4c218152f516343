"""Create the bucket for files that the app's users send, and let tasks use it."""

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from constructs import Construct

from infra.acknowledge import acknowledge, as_cdk_nag_writes
from infra.parameters import Domain, Uploads

_MIB = 1024 * 1024


class UploadsBucket(Construct):
    """A private bucket, encrypted, over TLS alone, whose deleted files can be brought back for some days.

    With `keep` it outlives its stack; else it goes with all that is in it.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        choice: Uploads,
        domain: Domain | None,
        environment_name: str,
        keep: bool,
    ) -> None:
        super().__init__(scope, id)
        self.choice = choice
        stack = cdk.Stack.of(self)
        # A name of ours: CloudFormation refuses a change that would replace it by an empty one.
        self._name = f"uploads-{environment_name}-{stack.account}-{stack.region}"
        self.arn = f"arn:{stack.partition}:s3:::{self._name}"
        self.bucket = s3.Bucket(
            self,
            "Bucket",
            bucket_name=self._name,
            encryption=s3.BucketEncryption.S3_MANAGED,
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            object_ownership=s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
            enforce_ssl=True,
            versioned=True,
            cors=self._cors(domain),
            lifecycle_rules=[
                s3.LifecycleRule(
                    expiration=cdk.Duration.days(choice.expire_days) if choice.expire_days else None,
                    noncurrent_version_expiration=cdk.Duration.days(choice.deleted_days),
                    abort_incomplete_multipart_upload_after=cdk.Duration.days(7),
                )
            ],
            removal_policy=cdk.RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE
            if keep
            else cdk.RemovalPolicy.DESTROY,
            auto_delete_objects=not keep,
        )
        # Whoever encrypts with a key of their own takes the files from everybody else.
        # https://docs.aws.amazon.com/AmazonS3/latest/userguide/blocking-unblocking-s3-c-encryption-gpb.html
        made = self.bucket.node.default_child
        if not isinstance(made, s3.CfnBucket):
            raise TypeError("the bucket has no resource of CloudFormation")
        made.add_property_override(
            "BucketEncryption.ServerSideEncryptionConfiguration.0.BlockedEncryptionTypes",
            {"EncryptionType": ["SSE-C"]},
        )
        acknowledge(
            self.bucket,
            rule="AwsSolutions-S1",
            reason="Only the app's tasks read and write it, and the app's log says who asked them to.",
        )

    @property
    def variables(self) -> dict[str, str]:
        """Return the variables that service/kit/uploads.py reads."""
        return {
            "UPLOADS_BUCKET": self._name,
            "UPLOADS_MAX_BYTES": str(self.choice.max_mib * _MIB),
            "UPLOADS_CONTENT_TYPES": ",".join(self.choice.content_types),
        }

    def let_in(self, role: iam.IRole) -> None:
        """Let the tasks of a role read, write, list and delete files, and nothing else."""
        files = f"{self.arn}/*"
        acknowledge(
            role,
            rule=f"AwsSolutions-IAM5[Resource::{as_cdk_nag_writes(cdk.Stack.of(role), files)}]",
            reason="All files of this bucket: their names are the app's.",
        )
        for actions, resource in (
            (["s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload"], files),
            (["s3:ListBucket"], self.arn),
        ):
            role.add_to_principal_policy(iam.PolicyStatement(actions=actions, resources=[resource]))

    def _cors(self, domain: Domain | None) -> list[s3.CorsRule] | None:
        """Let scripts of the domain's own pages send and read files; forms need no such rule."""
        if not domain:
            return None
        return [
            s3.CorsRule(
                allowed_methods=[s3.HttpMethods.POST, s3.HttpMethods.GET],
                allowed_origins=[f"https://{name}" for name in domain.names],
                allowed_headers=["*"],
                max_age=3600,
            )
        ]
