"""Rights: what a job of the pipeline may do in AWS, as statements of its role.

No role may take the deploy role of `cdk bootstrap`: it may change every stack of the account, and a stack is
changed with the rights it was made with, so who can deploy dev could deploy prod. The CLI then uses the
job's own role, which has the same calls for its own stacks alone.
"""

from collections.abc import Iterable
from typing import NamedTuple

import aws_cdk as cdk
from aws_cdk import aws_iam as iam

from infra.parameters import Environment

_READ = (
    *("DescribeChangeSet", "DescribeEvents", "DescribeStackEvents", "DescribeStackResource"),
    *("DescribeStackResources", "DescribeStacks", "GetTemplate", "GetTemplateSummary"),
    "ListStackResources",
)
_PREPARE = ("CreateChangeSet", "DeleteChangeSet")
_EXECUTE = ("ContinueUpdateRollback", "ExecuteChangeSet", "RollbackStack", "UpdateTerminationProtection")
_REMOVE = ("DeleteStack",)
# What tools/operate asks ECS to go back to the release before.
_ROLL_BACK = (
    *("DescribeServiceDeployments", "DescribeServiceRevisions", "DescribeServices"),
    *("ListServiceDeployments", "StopServiceDeployment", "UpdateService"),
)
_DRIFT = ("DetectStackDrift", "DetectStackResourceDrift", "DescribeStackResourceDrifts")


class Bootstrapped(NamedTuple):
    """What `cdk bootstrap` with this qualifier has made in the account and region of a stack."""

    stack: cdk.Stack
    qualifier: str
    region: str

    def role(self, kind: str) -> str:
        """The ARN of a role; `kind` is cfn-exec, file-publishing or image-publishing."""
        name = f"cdk-{self.qualifier}-{kind}-role-{self.stack.account}-{self.region}"
        return self.stack.format_arn(service="iam", region="", resource="role", resource_name=name)

    @property
    def bucket(self) -> str:
        """The ARN of the bucket of templates and other files."""
        return (
            f"arn:{self.stack.partition}:s3:::cdk-{self.qualifier}-assets-{self.stack.account}-{self.region}"
        )

    @property
    def version(self) -> str:
        """The ARN of the parameter that tells the version."""
        name = f"cdk-bootstrap/{self.qualifier}/version"
        return self.stack.format_arn(
            service="ssm", region=self.region, resource="parameter", resource_name=name
        )

    @classmethod
    def for_environment(cls, stack: cdk.Stack, environment: Environment) -> "Bootstrapped":
        """What an environment is deployed with."""
        return cls(stack, environment.bootstrap_qualifier, environment.region)


def stack_arn(stack: cdk.Stack, environment: Environment, name: str = "") -> str:
    """The ARN of an environment's stack, whatever its id; `name` may be a pattern of names instead."""
    return stack.format_arn(
        service="cloudformation",
        region=environment.region,
        resource="stack",
        resource_name=f"Web-{name or environment.name}/*",
    )


def prepare(bootstrapped: Bootstrapped, stacks: list[str]) -> Iterable[iam.PolicyStatement]:
    """Publish files and images, and make change sets: nothing that runs is changed."""
    yield _on(stacks, "cloudformation", *_READ, *_PREPARE)
    yield _on(
        [bootstrapped.role(kind) for kind in ("file-publishing", "image-publishing")], "sts", "AssumeRole"
    )
    yield iam.PolicyStatement(
        actions=["iam:PassRole"],
        resources=[bootstrapped.role("cfn-exec")],
        conditions={"StringEquals": {"iam:PassedToService": "cloudformation.amazonaws.com"}},
    )
    # CloudFormation reads both in the name of whoever makes a change set.
    yield _on([f"{bootstrapped.bucket}/*"], "s3", "GetObject")
    yield _on([bootstrapped.version], "ssm", "GetParameter", "GetParameters")


def execute(stacks: list[str]) -> Iterable[iam.PolicyStatement]:
    """Execute a change set as it was prepared."""
    yield _on(stacks, "cloudformation", *_READ, *_EXECUTE)


def remove(stacks: list[str]) -> Iterable[iam.PolicyStatement]:
    """Find stacks by their name, and delete them."""
    yield _on(stacks, "cloudformation", *_REMOVE)
    yield _on(["*"], "cloudformation", "ListStacks")


def roll_back(stack: cdk.Stack, environment: Environment) -> Iterable[iam.PolicyStatement]:
    """Let the service of an environment run the release before."""

    def ecs(resource: str, name: str) -> str:
        return stack.format_arn(
            service="ecs", region=environment.region, resource=resource, resource_name=name
        )

    # CloudFormation names the cluster after its stack and its logical id: no other environment's begins so.
    cluster = f"Web-{environment.name}-WebCapacityCluster*"
    kinds = ("service", "service-deployment", "service-revision")
    yield _on([ecs(kind, cluster) for kind in kinds], "ecs", *_ROLL_BACK)
    family = f"Web{environment.name.replace('-', '')}TaskDefinition*"
    yield _on([ecs("task-definition", family)], "ecs", "RegisterTaskDefinition", "TagResource")
    yield iam.PolicyStatement(
        actions=["iam:PassRole"],
        resources=[
            stack.format_arn(
                service="iam",
                region="",
                resource="role",
                resource_name=f"Web-{environment.name}-TaskDefinition*",
            )
        ],
        conditions={"StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}},
    )
    yield _on(["*"], "ecs", "DescribeTaskDefinition")


def find_drift(stacks: list[str]) -> Iterable[iam.PolicyStatement]:
    """Compare stacks with what there is; CloudFormation reads it in the name of whoever asks."""
    yield _on(stacks, "cloudformation", *_READ, *_DRIFT)
    yield iam.PolicyStatement(
        actions=[
            "cloudformation:DescribeStackDriftDetectionStatus",
            "acm:DescribeCertificate",
            "acm:ListTagsForCertificate",
            "application-autoscaling:Describe*",
            "application-autoscaling:ListTagsForResource",
            "budgets:ViewBudget",
            "cloudfront:Get*",
            "cloudwatch:DescribeAlarms",
            "cloudwatch:GetDashboard",
            "cloudwatch:ListTagsForResource",
            "ec2:Describe*",
            "ecs:Describe*",
            "ecs:ListTagsForResource",
            "elasticloadbalancing:Describe*",
            "events:DescribeRule",
            "events:ListTargetsByRule",
            "iam:GetPolicy",
            "iam:GetRole",
            "iam:GetRolePolicy",
            "iam:ListAttachedRolePolicies",
            "iam:ListRolePolicies",
            "lambda:GetFunction",
            "lambda:GetFunctionCodeSigningConfig",
            "lambda:GetPolicy",
            "logs:Describe*",
            "logs:ListTagsForResource",
            "route53:GetHostedZone",
            "route53:ListResourceRecordSets",
            "s3:GetBucket*",
            "s3:GetEncryptionConfiguration",
            "s3:GetLifecycleConfiguration",
            "secretsmanager:DescribeSecret",
            "sns:GetTopicAttributes",
            "sns:ListSubscriptionsByTopic",
            "sns:ListTagsForResource",
            "wafv2:Get*",
            "wafv2:ListTagsForResource",
        ],
        resources=["*"],
    )


def _on(resources: list[str], service: str, *actions: str) -> iam.PolicyStatement:
    return iam.PolicyStatement(actions=[f"{service}:{each}" for each in actions], resources=resources)
