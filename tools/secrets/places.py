"""Say where the value of a secret variable is stored."""

from dataclasses import dataclass

from infra.parameters import SecretChoice, SecretsManagerSecret, SecureParameter


@dataclass(frozen=True, kw_only=True)
class Place:
    """A SecureString of Parameter Store, a secret of Secrets Manager, or one key of a JSON secret.

    `name` is a name or, for a secret, an ARN.
    """

    name: str
    is_parameter: bool = False
    json_key: str = ""
    kms_key_arn: str = ""

    def __str__(self) -> str:
        """Return the place in words."""
        if self.is_parameter:
            return f"parameter {self.name}"
        return f"key {self.json_key} of secret {self.name}" if self.json_key else f"secret {self.name}"


def place_of(choice: SecretChoice) -> Place | None:
    """Return the place that an environment names; None where the stack makes the secret itself."""
    if isinstance(choice, SecureParameter):
        return Place(name=choice.name, is_parameter=True, kms_key_arn=choice.kms_key_arn or "")
    if isinstance(choice, SecretsManagerSecret):
        return Place(
            name=choice.arn or choice.name or "",
            json_key=choice.json_key or "",
            kms_key_arn=choice.kms_key_arn or "",
        )
    return None
