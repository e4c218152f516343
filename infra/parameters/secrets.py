"""Define the places where the value of a secret variable is stored."""

from pydantic import Field

from infra.parameters.formats import KmsKeyArn, ParameterName, SecretArn
from infra.parameters.model import Parameters


class SecretsManagerSecret(Parameters):
    """An existing secret in Secrets Manager."""

    arn: SecretArn = Field(description="whole ARN of the secret, with the six characters at its end")
    json_key: str | None = Field(
        default=None,
        min_length=1,
        description="key of one value in a JSON secret; by default the whole secret",
    )
    kms_key_arn: KmsKeyArn | None = Field(
        default=None, description="KMS key, if it is encrypted with one of yours"
    )


class SecureParameter(Parameters):
    """An existing SecureString in Systems Manager's Parameter Store."""

    name: ParameterName = Field(description="name of the parameter, such as /web/prod/api-key")
    kms_key_arn: KmsKeyArn | None = Field(
        default=None, description="KMS key, if it is encrypted with one of yours"
    )


class NewSecret(Parameters):
    """A new secret of the stack: 50 random letters and digits, until you store another value there.

    Fixed cost: $0.40 a month. `removal` says whether it outlives the stack.
    """


SecretChoice = SecretsManagerSecret | SecureParameter | NewSecret
