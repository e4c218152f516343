"""Create an empty stack, set up as its environment says."""

import aws_cdk as cdk
from constructs import Construct

from infra.parameters import Environment


class EnvironmentStack(cdk.Stack):
    """A stack in the environment's account and region, with its tags and its protection against deletion.

    `removal_policy` is for the resources that keep data: where `removal` is "retain", they stay. Those of a
    creation that fails go nevertheless: they hold nothing, and each try would leave some more.
    https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-deletionpolicy.html
    """

    def __init__(self, scope: Construct, id: str, *, environment: Environment) -> None:
        self.parameters = environment
        keep = environment.removal == "retain"
        kept = cdk.RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE
        self.removal_policy = kept if keep else cdk.RemovalPolicy.DESTROY
        boundary = environment.permissions_boundary
        super().__init__(
            scope,
            id,
            env=cdk.Environment(account=environment.account, region=environment.region),
            synthesizer=cdk.DefaultStackSynthesizer(qualifier=environment.bootstrap_qualifier),
            permissions_boundary=cdk.PermissionsBoundary.from_name(boundary) if boundary else None,
            tags={"environment": environment.name, **environment.tags},
            termination_protection=keep,
            description=f"Flask under Gunicorn on Fargate: {environment.name}",
        )
        # CloudFormation then refuses to delete a load balancer that other stacks use.
        cdk.CrossStackReferences.of(self).consume(cdk.ReferenceStrength.STRONG)

    @property
    def availability_zones(self) -> list[str]:
        """Return the environment's zones: asking AWS for them would need credentials at synth."""
        return list(self.parameters.availability_zones)
