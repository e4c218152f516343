"""Protect a load balancer from deletion once its stack was created."""

from aws_cdk import CustomResource, RemovalPolicy, Stack
from aws_cdk import aws_elasticloadbalancingv2 as elbv2
from aws_cdk import aws_iam as iam
from constructs import Construct, IConstruct

from infra.acknowledge import acknowledge, as_cdk_nag_writes
from infra.release.function import Function


class Protection(Construct):
    """A custom resource that switches deletion protection on last, and off before anything is deleted.

    As an attribute of the load balancer it would be on from the first moment, so that CloudFormation could
    neither roll a failed first deployment back nor delete a load balancer that it has replaced.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        load_balancer: elbv2.ApplicationLoadBalancer,
        after: IConstruct,
        environment_name: str,
        log_days: int,
        removal_policy: RemovalPolicy,
    ) -> None:
        """Create it; what can fail in a first deployment is `after`, which it waits for."""
        super().__init__(scope, id)
        function = Function(
            self,
            "Switch",
            module="protect",
            description="Protects the load balancer from deletion, for CloudFormation",
            timeout_s=60,
            log_days=log_days,
            removal_policy=removal_policy,
        )
        # By its tag, because a load balancer that is replaced is no longer in the template.
        balancers = Stack.of(self).format_arn(
            service="elasticloadbalancing", resource="loadbalancer", resource_name="app/*"
        )
        function.role.add_to_principal_policy(
            iam.PolicyStatement(
                actions=["elasticloadbalancing:ModifyLoadBalancerAttributes"],
                resources=[balancers],
                conditions={"StringEquals": {"aws:ResourceTag/environment": environment_name}},
            )
        )
        acknowledge(
            function.role,
            rule=f"AwsSolutions-IAM5[Resource::{as_cdk_nag_writes(Stack.of(self), balancers)}]",
            reason="Its own load balancers, by their tag: the one before a replacement has an unknown name.",
        )
        resource = CustomResource(
            self,
            "LoadBalancer",
            resource_type="Custom::LoadBalancerProtection",
            service_token=function.function.function_arn,
            properties={"LoadBalancer": load_balancer.load_balancer_arn},
        )
        resource.node.add_dependency(function, after)
