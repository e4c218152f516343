"""Check the controls of AWS CloudFormation, on what the CDK CLI reads beside a template."""

from tools.security.control import Finding, Findings, control
from tools.security.stack import Stack


@control("CloudFormation.3", absent="no stack")
def stacks_refuse_deletion(stack: Stack) -> Findings:
    """Require that stacks are protected from deletion."""
    protected = stack.artifact.get("terminationProtection")
    yield Finding.of("the stack", protected, "one call deletes it")


@control("CloudFormation.4", absent="no stack")
def stacks_have_a_service_role(stack: Stack) -> Findings:
    """Require that CloudFormation deploys under a role of its own, which `cdk bootstrap` makes."""
    role = stack.artifact.get("cloudFormationExecutionRoleArn")
    yield Finding.of("the stack", role, "it is deployed with the rights of whoever deploys it")
