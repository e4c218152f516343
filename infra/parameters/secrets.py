"""Define the places where the value of a secret variable is stored."""

import re

from pydantic import Field, model_validator

from infra.parameters.formats import KmsKeyArn, ParameterName, SecretArn, SecretName
from infra.parameters.model import Parameters

# Names of secrets that only the app itself has to know, so that any long random value will do.
_ANY_VALUE_WILL_DO = re.compile(
    "((FLASK|APP|APPLICATION|SESSION|COOKIE|JWT|CSRF|WTF_CSRF)_)*(SECRET|SECRET_KEY|SIGNING_KEY|SIGNING_SECRET)"
    "|(.+_)?SALT|PROMETHEUS_TOKEN|DRILL_TOKEN"
)


class SecretsManagerSecret(Parameters):
    """A secret in Secrets Manager, by its name or its ARN; `make secret` stores its value."""

    name: SecretName | None = Field(
        default=None, description="name of a secret in the stack's account and region, such as web/prod"
    )
    arn: SecretArn | None = Field(
        default=None, description="whole ARN, with the six characters at its end, instead of the name"
    )
    json_key: str | None = Field(
        default=None,
        min_length=1,
        description="key of one value in a JSON secret; by default the whole secret",
    )
    kms_key_arn: KmsKeyArn | None = Field(
        default=None, description="KMS key, if it is encrypted with one of yours"
    )

    @model_validator(mode="after")
    def _name_or_arn(self) -> "SecretsManagerSecret":
        if (self.name is None) == (self.arn is None):
            raise ValueError(f"needs either name or arn, but got name={self.name!r} and arn={self.arn!r}")
        return self


class SecureParameter(Parameters):
    """A SecureString in Systems Manager's Parameter Store; `make secret` stores its value."""

    name: ParameterName = Field(description="name of the parameter, such as /web/prod/api-key")
    kms_key_arn: KmsKeyArn | None = Field(
        default=None, description="KMS key, if it is encrypted with one of yours"
    )


class NewSecret(Parameters):
    """A new secret of the stack: 50 random letters and digits, until you store another value there.

    Fixed cost: $0.40 a month. `removal` says whether it outlives the stack.
    """


SecretChoice = SecretsManagerSecret | SecureParameter | NewSecret


def parameter_name(variable: str, *, environment: str) -> str:
    """Return the name that the kit proposes for a variable's parameter, such as /web/prod/api-key."""
    return f"/web/{environment}/{variable.lower().replace('_', '-')}"


def any_value_will_do(name: str) -> bool:
    """Return whether a random value is right for a secret, because only the app has to know it."""
    return _ANY_VALUE_WILL_DO.fullmatch(name) is not None


def secret_example(name: str, *, environment: str) -> str:
    """Return what to write for a secret that an environment lacks, and how to store a value."""
    if any_value_will_do(name):
        return f'secrets={{"{name}": NewSecret()}}'
    stored = parameter_name(name, environment=environment)
    return (
        f'secrets={{"{name}": SecureParameter(name="{stored}")}}, and store the value: '
        f"make secret NAME={name} ENV={environment}"
    )
