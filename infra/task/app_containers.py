"""Add the containers that run the service's image, with the same variables and secrets."""

from collections.abc import Mapping, Sequence

from aws_cdk import Duration
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_logs as logs

from infra.parameters import SET_BY_INFRA
from infra.task.containers import USER_ID, add_tmp, without_capabilities
from infra.task.definition import logging_to


class AppContainers:
    """The containers of the app, in one or more task definitions, that share image, variables and secrets."""

    def __init__(
        self,
        *,
        image: ecs.ContainerImage,
        variables: Mapping[str, str],
        secrets: Mapping[str, ecs.Secret],
        log_group: logs.ILogGroup,
        stop_timeout_s: int,
    ) -> None:
        self.all: list[ecs.ContainerDefinition] = []
        self._image, self._log_group, self._stop_timeout_s = image, log_group, stop_timeout_s
        self._variables, self._secrets = dict(variables), dict(secrets)

    def add(
        self,
        definition: ecs.FargateTaskDefinition,
        name: str,
        command: Sequence[str],
        *,
        stop_timeout_s: int | None = None,
        more_secrets: Mapping[str, ecs.Secret] | None = None,
        health_check: ecs.HealthCheck | None = None,
    ) -> ecs.ContainerDefinition:
        """Add a container called `name` that runs `command`; by default it may stop as long as the others.

        `more_secrets` are its own; one takes the place of the app's of the same name.
        """
        container = definition.add_container(
            name,
            image=self._image,
            command=list(command),
            environment=self._variables,
            secrets={**self._secrets, **(more_secrets or {})},
            user=str(USER_ID),
            readonly_root_filesystem=True,
            linux_parameters=without_capabilities(definition),
            stop_timeout=Duration.seconds(stop_timeout_s or self._stop_timeout_s),
            health_check=health_check,
            logging=logging_to(self._log_group, prefix=name),
        )
        add_tmp(definition, container, volume="tmp")
        self.all.append(container)
        return container

    def add_variable(self, name: str, value: str) -> None:
        """Give every container of the app one more variable; raises ValueError if the name is set already."""
        if name in self._variables or name in self._secrets or SET_BY_INFRA.fullmatch(name):
            raise ValueError(f"{name} is set already: give the variable another name")
        self._variables[name] = value
        for container in self.all:
            container.add_environment(name, value)
