"""List the AWS calls that each job of the pipeline may make, as policy statements of its role.

No job may assume the deploy role of `cdk bootstrap`. That role may change every stack of the account, so
whoever deploys dev could deploy prod. Without it the CDK CLI uses the job's own role, which may make the same
calls, but only on the job's own stacks.
"""

from collections.abc import Iterable

import aws_cdk as cdk
from aws_cdk import aws_iam as iam

from infra.parameters import Environment
from infra.pipeline.bootstrapped import Bootstrapped

_READ = (
    *("DescribeChangeSet", "DescribeEvents", "DescribeStackEvents", "DescribeStackResource"),
    *("DescribeStackResources", "DescribeStacks", "GetTemplate", "GetTemplateSummary"),
    "ListStackResources",
)
_PREPARE = ("CreateChangeSet", "DeleteChangeSet")
_EXECUTE = ("ContinueUpdateRollback", "ExecuteChangeSet", "RollbackStack", "UpdateTerminationProtection")
_REMOVE = ("DeleteStack",)
# The calls of tools/operate that roll a service back to the release before.
_ROLL_BACK = (
    *("DescribeServiceDeployments", "DescribeServiceRevisions", "DescribeServices"),
    *("ListServiceDeployments", "StopServiceDeployment", "UpdateService"),
)
_DRIFT = ("DetectStackDrift", "DetectStackResourceDrift", "DescribeStackResourceDrifts")


def stack_arn(stack: cdk.Stack, region: str, name: str) -> str:
    """Return the ARN of the stack with this name in a region, whatever its id; `name` may be a pattern."""
    return stack.format_arn(
        service="cloudformation",
        region=region,
        resource="stack",
        resource_name=f"{name}/*",
    )


def prepare(bootstrapped: Bootstrapped, stacks: list[str]) -> Iterable[iam.PolicyStatement]:
    """Allow a job to publish files and images and to create change sets, which change nothing that runs."""
    yield _on(stacks, "cloudformation", *_READ, *_PREPARE)
    yield _on(
        [bootstrapped.role(kind) for kind in ("file-publishing", "image-publishing")], "sts", "AssumeRole"
    )
    yield iam.PolicyStatement(
        actions=["iam:PassRole"],
        resources=[bootstrapped.role("cfn-exec")],
        conditions={"StringEquals": {"iam:PassedToService": "cloudformation.amazonaws.com"}},
    )
    # CloudFormation reads the template and the version with the rights of whoever creates the change set.
    yield _on([f"{bootstrapped.bucket}/*"], "s3", "GetObject")
    yield _on([bootstrapped.version], "ssm", "GetParameter", "GetParameters")


def execute(stacks: list[str]) -> Iterable[iam.PolicyStatement]:
    """Allow a job to execute a change set as it was prepared."""
    yield _on(stacks, "cloudformation", *_READ, *_EXECUTE)


def remove(stacks: list[str]) -> Iterable[iam.PolicyStatement]:
    """Allow a job to find stacks by their name and to delete them."""
    yield _on(stacks, "cloudformation", *_REMOVE)
    yield _on(["*"], "cloudformation", "ListStacks")


def roll_back(stack: cdk.Stack, environment: Environment) -> Iterable[iam.PolicyStatement]:
    """Allow a job to roll the service of an environment back to the release before."""

    def ecs(resource: str, name: str) -> str:
        return stack.format_arn(
            service="ecs", region=environment.region, resource=resource, resource_name=name
        )

    # CloudFormation names the cluster after stack and logical id: no other environment's name begins so.
    cluster = f"{environment.stack_name}-WebCapacityCluster*"
    kinds = ("service", "service-deployment", "service-revision")
    yield _on([ecs(kind, cluster) for kind in kinds], "ecs", *_ROLL_BACK)
    # Of the web service, and of workers.
    ours = ("TaskDefinition", "TaskWorker")
    families = [f"{environment.stack_name.replace('-', '')}{kind}*" for kind in ours]
    definitions = [ecs("task-definition", each) for each in families]
    yield _on(definitions, "ecs", "RegisterTaskDefinition", "TagResource")
    yield iam.PolicyStatement(
        actions=["iam:PassRole"],
        resources=[
            stack.format_arn(
                service="iam",
                region="",
                resource="role",
                resource_name=f"{environment.stack_name}-{kind}*",
            )
            for kind in ours
        ],
        conditions={"StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}},
    )
    yield _on(["*"], "ecs", "DescribeTaskDefinition")


def find_drift(stacks: list[str]) -> Iterable[iam.PolicyStatement]:
    """Allow a job to detect drift, for which CloudFormation reads resources with the rights of the caller."""
    # What the read handlers of the resource schemas call: https://docs.aws.amazon.com/AWSCloudFormation/latest/
    # UserGuide/using-cfn-stack-drift.html
    yield _on(stacks, "cloudformation", *_READ, *_DRIFT)
    yield iam.PolicyStatement(
        actions=[
            "cloudformation:DescribeStackDriftDetectionStatus",
            "acm:DescribeCertificate",
            "acm:ListTagsForCertificate",
            "application-autoscaling:Describe*",
            "application-autoscaling:ListTagsForResource",
            "backup:DescribeBackupVault",
            "backup:GetBackupPlan",
            "backup:GetBackupSelection",
            "backup:GetBackupVaultAccessPolicy",
            "backup:GetBackupVaultNotifications",
            "backup:ListTags",
            "budgets:ViewBudget",
            "cloudfront:Get*",
            "cloudfront:ListTagsForResource",
            "cloudwatch:DescribeAlarms",
            "cloudwatch:GetDashboard",
            "cloudwatch:ListTagsForResource",
            "ec2:Describe*",
            "ecs:Describe*",
            "ecs:ListTagsForResource",
            "elasticache:Describe*",
            "elasticache:ListTagsForResource",
            "elasticloadbalancing:Describe*",
            "elasticloadbalancing:GetLoadBalancerWebACL",
            "events:DescribeRule",
            "events:ListTagsForResource",
            "events:ListTargetsByRule",
            "iam:GetPolicy",
            "iam:GetRole",
            "iam:GetRolePolicy",
            "iam:ListAttachedRolePolicies",
            "iam:ListRolePolicies",
            "lambda:GetFunction",
            "lambda:GetFunctionCodeSigningConfig",
            "lambda:GetFunctionRecursionConfig",
            "lambda:GetFunctionScalingConfig",
            "lambda:GetPolicy",
            "lambda:GetRuntimeManagementConfig",
            "logs:Describe*",
            "logs:GetDataProtectionPolicy",
            "logs:ListTagsForResource",
            "rds:Describe*",
            "rds:ListTagsForResource",
            "route53:GetHostedZone",
            "route53:ListHostedZones",
            "route53:ListResourceRecordSets",
            "s3:GetAccelerateConfiguration",
            "s3:GetAnalyticsConfiguration",
            "s3:GetBucket*",
            "s3:GetEncryptionConfiguration",
            "s3:GetIntelligentTieringConfiguration",
            "s3:GetInventoryConfiguration",
            "s3:GetLifecycleConfiguration",
            "s3:GetMetricsConfiguration",
            "s3:GetReplicationConfiguration",
            "s3:ListBucket",
            "s3:ListTagsForResource",
            "scheduler:GetSchedule",
            "secretsmanager:DescribeSecret",
            "sns:GetSubscriptionAttributes",
            "sns:GetTopicAttributes",
            "sns:GetDataProtectionPolicy",
            "sns:ListSubscriptionsByTopic",
            "sns:ListTagsForResource",
            "sqs:GetQueueAttributes",
            "sqs:ListQueueTags",
            "wafv2:Get*",
            "wafv2:ListTagsForResource",
        ],
        resources=["*"],
    )


def _on(resources: list[str], service: str, *actions: str) -> iam.PolicyStatement:
    return iam.PolicyStatement(actions=[f"{service}:{each}" for each in actions], resources=resources)
