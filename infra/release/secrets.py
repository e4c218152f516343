"""Find or create the secrets that an environment names, for its containers."""

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
    """Secrets by variable name; ECS lets the execution role of a container that takes one read it.

    The template has references alone, no value. `created` are the secrets that belong to this stack.
    """

    def __init__(
        self, scope: Construct, id: str, *, choices: Mapping[str, SecretChoice], removal_policy: RemovalPolicy
    ) -> None:
        super().__init__(scope, id)
        self.for_containers: dict[str, ecs.Secret] = {}
        self.created: dict[str, secretsmanager.Secret] = {}
        # Events of a change have the ARN or the name, as whoever changed the secret wrote it. Of a secret
        # that is known by its name, an event pattern has the beginning of the ARN.
        self.secret_ids: list[tuple[str | Mapping[str, str], str]] = []
        self.parameter_names: list[str] = []
        self._keys: list[kms.IKey] = []
        for name, choice in choices.items():
            match choice:
                case SecureParameter():
                    self.for_containers[name] = self._find_parameter(name, choice)
                case SecretsManagerSecret():
                    self.for_containers[name] = self._find_secret(name, choice)
                case NewSecret():
                    self.for_containers[name] = self._create_secret(name, removal_policy)

    def grant_decrypt(self, role: iam.IRole) -> None:
        """Let a role read secrets that are encrypted with keys of yours; ECS grants the rest by itself."""
        for key in self._keys:
            key.grant_decrypt(role)

    def _find_parameter(self, name: str, choice: SecureParameter) -> ecs.Secret:
        self.parameter_names.append(choice.name)
        parameter = ssm.StringParameter.from_secure_string_parameter_attributes(
            self, name, parameter_name=choice.name, encryption_key=self._key(name, choice.kms_key_arn)
        )
        return ecs.Secret.from_ssm_parameter(parameter)

    def _find_secret(self, name: str, choice: SecretsManagerSecret) -> ecs.Secret:
        if choice.arn:
            self._watch(choice.arn, choice.arn.split(":")[-1][: -len("-a1B2c3")])
            secret = secretsmanager.Secret.from_secret_complete_arn(self, name, choice.arn)
        else:
            # ECS finds a secret by an ARN without the six characters that only AWS knows.
            secret = secretsmanager.Secret.from_secret_name_v2(self, name, choice.name or "")
            self._watch({"prefix": f"{secret.secret_arn}-"}, secret.secret_name)
        # Not given to the L2 above, which grants nobody the use of a key from outside this app.
        if key := self._key(name, choice.kms_key_arn):
            self._keys.append(key)
        return ecs.Secret.from_secrets_manager(secret, choice.json_key)

    def _create_secret(self, name: str, removal_policy: RemovalPolicy) -> ecs.Secret:
        secret = secretsmanager.Secret(
            self,
            name,
            description=f"{name} of the service",
            generate_secret_string=secretsmanager.SecretStringGenerator(
                password_length=50, exclude_punctuation=True
            ),
            removal_policy=removal_policy,
        )
        acknowledge(
            secret,
            rule="AwsSolutions-SMG4",
            reason="What rotates it depends on what it is for; a new value rolls the service.",
        )
        self.created[name] = secret
        self._watch(secret.secret_arn, secret.secret_name)
        return ecs.Secret.from_secrets_manager(secret)

    def _watch(self, arn: str | Mapping[str, str], name: str) -> None:
        """Note a secret once, however many of its keys are variables: a pattern of events must stay small."""
        if all(name != other for _, other in self.secret_ids):
            self.secret_ids.append((arn, name))

    def _key(self, name: str, arn: str | None) -> kms.IKey | None:
        return kms.Key.from_key_arn(self, f"{name}-Key", arn) if arn else None
