"""Secrets: where the value of a secret variable comes from."""

from pydantic import Field

from infra.parameters.formats import KmsKeyArn, ParameterName, SecretArn
from infra.parameters.model import Parameters


class SecretsManagerSecret(Parameters):
    """A secret that is in Secrets Manager already."""

    arn: SecretArn = Field(description="its ARN, with the six characters at the end")
    json_key: str | None = Field(
        default=None, min_length=1, description="one value of a JSON secret; else all"
    )
    kms_key_arn: KmsKeyArn | None = Field(default=None, description="its key, where that is one of yours")


class SecureParameter(Parameters):
    """A SecureString that is in Systems Manager's Parameter Store already."""

    name: ParameterName = Field(description="its name, such as /web/prod/api-key")
    kms_key_arn: KmsKeyArn | None = Field(default=None, description="its key, where that is one of yours")


class NewSecret(Parameters):
    """A secret made with the stack: 50 random letters and digits, until you put a value of yours there.

    Fixed cost: $0.40 a month. `removal` says whether it outlives the stack.
    """


SecretChoice = SecretsManagerSecret | SecureParameter | NewSecret
