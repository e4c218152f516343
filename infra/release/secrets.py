"""Secrets: what the environment names, found or made, as containers take them."""

from collections.abc import Mapping

from aws_cdk import RemovalPolicy
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_secretsmanager as secretsmanager
from aws_cdk import aws_ssm as ssm
from constructs import Construct

from infra.acknowledge import acknowledge
from infra.parameters import NewSecret, SecretChoice, SecretsManagerSecret, SecureParameter


class Secrets(Construct):
    """Secrets by variable name; whoever puts one into a container lets the execution role read it.

    Nothing of a value is in the template. `made` are those of this stack.
    """

    def __init__(
        self, scope: Construct, id: str, *, choices: Mapping[str, SecretChoice], removal_policy: RemovalPolicy
    ) -> None:
        super().__init__(scope, id)
        self.for_containers: dict[str, ecs.Secret] = {}
        self.made: dict[str, secretsmanager.Secret] = {}
        # By what a change of theirs is told: an ARN or a name, as whoever changed it wrote.
        self.secret_arns: list[str] = []
        self.secret_names: list[str] = []
        self.parameter_names: list[str] = []
        self._keys: list[kms.IKey] = []
        self._removal_policy = removal_policy
        for name, choice in choices.items():
            self.for_containers[name] = self._secret(name, choice)

    def grant_decrypt(self, role: iam.IRole) -> None:
        """Let a role read secrets that are encrypted with keys of yours; ECS does the rest by itself."""
        for key in self._keys:
            key.grant_decrypt(role)

    def _secret(self, name: str, choice: SecretChoice) -> ecs.Secret:
        match choice:
            case SecureParameter():
                self.parameter_names.append(choice.name)
                parameter = ssm.StringParameter.from_secure_string_parameter_attributes(
                    self,
                    name,
                    parameter_name=choice.name,
                    encryption_key=self._key(name, choice.kms_key_arn),
                )
                return ecs.Secret.from_ssm_parameter(parameter)
            case SecretsManagerSecret():
                self.secret_arns.append(choice.arn)
                self.secret_names.append(choice.arn.split(":")[-1][: -len("-a1B2c3")])
                secret = secretsmanager.Secret.from_secret_complete_arn(self, name, choice.arn)
                # Not given to the L2 above: it lets nobody decrypt with a key that is not of this app.
                if key := self._key(name, choice.kms_key_arn):
                    self._keys.append(key)
                return ecs.Secret.from_secrets_manager(secret, choice.json_key)
            case NewSecret():
                return ecs.Secret.from_secrets_manager(self._new(name))

    def _new(self, name: str) -> secretsmanager.Secret:
        secret = secretsmanager.Secret(
            self,
            name,
            description=f"{name} of the service",
            generate_secret_string=secretsmanager.SecretStringGenerator(
                password_length=50, exclude_punctuation=True
            ),
            removal_policy=self._removal_policy,
        )
        acknowledge(
            secret,
            rule="AwsSolutions-SMG4",
            reason="What rotates it depends on what it is for; a new value rolls the service.",
        )
        self.made[name] = secret
        self.secret_arns.append(secret.secret_arn)
        self.secret_names.append(secret.secret_name)
        return secret

    def _key(self, name: str, arn: str | None) -> kms.IKey | None:
        return kms.Key.from_key_arn(self, f"{name}-Key", arn) if arn else None
