"""Function: a small Python Lambda of infra/functions, with rights to nothing but its own log."""

from collections.abc import Mapping
from pathlib import Path

from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from infra.log_groups import log_group

SOURCES = Path(__file__).resolve().parent / "functions"


class Function(Construct):
    """`handler` of infra/functions/<module>.py, outside the VPC; `role` takes what more it may do."""

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
        # By hand, because the L2's own role may write to every log of the account.
        self.role = iam.Role(self, "Role", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"))
        log.grant_write(self.role)
        self.function = lambda_.Function(
            self,
            "Function",
            description=description,
            runtime=lambda_.Runtime.PYTHON_3_14,
            architecture=lambda_.Architecture.ARM_64,
            code=lambda_.Code.from_asset(str(SOURCES), exclude=["__pycache__"]),
            handler=f"{module}.handler",
            timeout=Duration.seconds(timeout_s),
            environment=dict(variables or {}),
            role=self.role,
            log_group=log,
        )
