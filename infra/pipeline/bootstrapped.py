"""Name the resources that `cdk bootstrap` has created, by their ARNs."""

from typing import NamedTuple

import aws_cdk as cdk

from infra.parameters import Environment


class Bootstrapped(NamedTuple):
    """Resources that `cdk bootstrap` created with this qualifier, in a stack's account and a region."""

    stack: cdk.Stack
    qualifier: str
    region: str

    def role(self, kind: str) -> str:
        """Return the ARN of a role; `kind` is cfn-exec, file-publishing or image-publishing."""
        name = f"cdk-{self.qualifier}-{kind}-role-{self.stack.account}-{self.region}"
        return self.stack.format_arn(service="iam", region="", resource="role", resource_name=name)

    @property
    def bucket(self) -> str:
        """Return the ARN of the bucket for templates and other files."""
        return (
            f"arn:{self.stack.partition}:s3:::cdk-{self.qualifier}-assets-{self.stack.account}-{self.region}"
        )

    @property
    def version(self) -> str:
        """Return the ARN of the parameter that holds the version of the bootstrap."""
        name = f"cdk-bootstrap/{self.qualifier}/version"
        return self.stack.format_arn(
            service="ssm", region=self.region, resource="parameter", resource_name=name
        )

    @classmethod
    def for_environment(cls, stack: cdk.Stack, environment: Environment) -> "Bootstrapped":
        """Return the bootstrap that an environment is deployed with."""
        return cls(stack, environment.bootstrap_qualifier, environment.region)
