"""Let a service sleep while nobody asks: no tasks, and a function that wakes it."""

from aws_cdk import CustomResource, Duration, RemovalPolicy, Stack
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_elasticloadbalancingv2 as elbv2
from aws_cdk import aws_elasticloadbalancingv2_targets as elbv2_targets
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from infra.acknowledge import acknowledge, as_cdk_nag_writes
from infra.parameters import Sleep
from infra.release.function import Function


class Sleeper(Construct):
    """A function that stops an idle service's tasks, answers for them, and starts them when somebody asks.

    Application Auto Scaling leaves a service alone that somebody else has set to 0 tasks, until an alarm of a
    scaling policy goes off; without tasks none has figures.
    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-auto-scaling.html
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        choice: Sleep,
        service: ecs.FargateService,
        target_group: elbv2.ApplicationTargetGroup,
        rule: elbv2.ApplicationListenerRule,
        fewest_tasks: int,
        log_days: int,
        removal_policy: RemovalPolicy,
    ) -> None:
        super().__init__(scope, id)
        function = Function(
            self,
            "Switch",
            module="sleep",
            description="Stops the tasks of an idle service, and starts them when somebody asks",
            timeout_s=30,
            log_days=log_days,
            removal_policy=removal_policy,
        )
        self.function = function.function
        here = elbv2.ApplicationTargetGroup(
            self,
            "Here",
            target_type=elbv2.TargetType.LAMBDA,
            targets=[elbv2_targets.LambdaTarget(self.function)],
        )
        # The CDK lets load balancers of all accounts call it.
        # https://docs.aws.amazon.com/elasticloadbalancing/latest/application/lambda-functions.html
        for permission in self.function.node.children:
            if isinstance(permission, lambda_.CfnPermission):
                permission.source_account = Stack.of(self).account
        for name, value in {
            "CLUSTER": service.cluster.cluster_arn,
            "RULE": rule.listener_rule_arn,
            "TASKS": target_group.target_group_arn,
            "FEWEST_TASKS": str(fewest_tasks),
            "AFTER_IDLE_MINUTES": str(choice.after_idle_minutes),
        }.items():
            self.function.add_environment(name, value)
        self._grant(function.role, service.cluster, rule)
        self.group_arn = here.target_group_arn
        events.Rule(
            self,
            "Look",
            description="Looks whether the service is idle, or awake again",
            schedule=events.Schedule.rate(Duration.minutes(5)),
            targets=[
                targets.LambdaFunction(
                    self.function,
                    event=events.RuleTargetInput.from_object({"do": "look", "here": self.group_arn}),
                )
            ],
        )
        # A property changes with each new version: CloudFormation calls the function before it and after.
        before, after = (
            CustomResource(
                self,
                name,
                resource_type="Custom::AwakeForDeployment",
                service_token=self.function.function_arn,
                properties={"Here": self.group_arn, "For": service.task_definition.task_definition_arn},
            )
            for name in ("Before", "After")
        )
        before.node.add_dependency(function)
        service.node.add_dependency(before)
        after.node.add_dependency(service)

    def _grant(self, role: iam.Role, cluster: ecs.ICluster, rule: elbv2.ApplicationListenerRule) -> None:
        """Grant what the function does, and no more."""
        stack = Stack.of(self)
        # Not its service by name, because the service waits for the function and its rights.
        services = stack.format_arn(
            service="ecs", resource="service", resource_name=f"{cluster.cluster_name}/*"
        )
        statements = (
            (("ecs:DescribeServices", "ecs:UpdateService"), services, None),
            (("ecs:ListServices",), "*", {"ArnEquals": {"ecs:cluster": cluster.cluster_arn}}),
            (("elasticloadbalancing:ModifyRule",), rule.listener_rule_arn, None),
            # These have neither a resource nor a condition.
            (
                (
                    *(
                        f"elasticloadbalancing:Describe{each}"
                        for each in ("Rules", "TargetGroups", "TargetHealth")
                    ),
                    "cloudwatch:GetMetricStatistics",
                ),
                "*",
                None,
            ),
        )
        for actions, resource, conditions in statements:
            role.add_to_principal_policy(
                iam.PolicyStatement(actions=[*actions], resources=[resource], conditions=conditions)
            )
        for resource, reason in (
            (
                as_cdk_nag_writes(stack, services),
                "The services of its own cluster: its service is made after it.",
            ),
            (
                "*",
                "Reading rules, target groups and figures, which IAM cannot limit; a list of its cluster.",
            ),
        ):
            acknowledge(role, rule=f"AwsSolutions-IAM5[Resource::{resource}]", reason=reason)
