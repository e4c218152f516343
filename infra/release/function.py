"""Create a small Python Lambda from infra/release/functions, which may write its own log and no more."""

from collections.abc import Mapping
from pathlib import Path

from aws_cdk import Duration, IgnoreMode, RemovalPolicy
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from infra.log_groups import log_group

# The folder above, so that modules import one another in Lambda as they do here.
SOURCES = Path(__file__).resolve().parent


class Function(Construct):
    """The `handler` of infra/release/functions/<module>.py, outside the VPC; add its rights to `role`."""

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        module: str,
        description: str,
        timeout_s: int,
        log_days: int,
        removal_policy: RemovalPolicy,
        variables: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(scope, id)
        log = log_group(self, "Log", log_days=log_days, removal_policy=removal_policy)
        # The role is created here, because the L2's own one may write to every log group of the account.
        self.role = iam.Role(self, "Role", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"))
        log.grant_write(self.role)
        self.function = lambda_.Function(
            self,
            "Function",
            description=description,
            runtime=lambda_.Runtime.PYTHON_3_14,
            architecture=lambda_.Architecture.ARM_64,
            code=lambda_.Code.from_asset(
                str(SOURCES), exclude=["*", "!functions", "!functions/*.py"], ignore_mode=IgnoreMode.GIT
            ),
            handler=f"functions.{module}.handler",
            timeout=Duration.seconds(timeout_s),
            environment=dict(variables or {}),
            role=self.role,
            log_group=log,
        )
