"""Create the task definition that runs the image with its proxy, sidecars and collector."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from aws_cdk import RemovalPolicy
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_iam as iam
from constructs import Construct

from infra.acknowledge import acknowledge
from infra.log_groups import log_group
from infra.parameters import Job, TaskFields, Tasks, Timeouts, Worker
from infra.task import heartbeat
from infra.task.app_containers import AppContainers
from infra.task.collector import add_collector
from infra.task.containers import SHARED_VOLUME, mount_shared
from infra.task.definition import logging_to, task_definition
from infra.task.image import ServiceImage
from infra.task.proxy import Proxy
from infra.task.sidecars import add_sidecar
from infra.task.variables import service_variables

# The same list as the Dockerfile's CMD, repeated so that the template shows it to reviewers and `make run`.
COMMAND = ["gunicorn", "--config", "python:service.gunicorn_conf"]


class Task(Construct):
    """A task definition with the image built from `source` and a proxy before it.

    `web` is Gunicorn's container, `front` the container that the load balancer talks to, and `proxy_hops` the
    number of proxies between a client and Gunicorn, which each add an address to X-Forwarded-For.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        source: Path,
        parameters: TaskFields,
        timeouts: Timeouts,
        secrets: Mapping[str, ecs.Secret],
        grant_decrypt: Callable[[iam.IRole], None],
        hops_before_task: int,
        noindex: bool,
    ) -> None:
        """Create it; `grant_decrypt` lets a role read the secrets that have keys of yours."""
        super().__init__(scope, id)
        self._parameters, self._timeouts, self._grant_decrypt = parameters, timeouts, grant_decrypt
        self.proxy_hops = hops_before_task + 1
        self.image = ServiceImage(self, "Image", parameters=parameters, source=source)
        # Retained whatever `removal` says: a first deployment that fails is rolled back, and what the tasks
        # said last would go with it. AWS makes up the name, so the next attempt does not meet
        # it, and `make destroy` deletes it. CloudFormation's RetainExceptOnCreate would not keep it:
        # https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-attribute-deletionpolicy.html
        self.log_group = log_group(
            self, "Log", log_days=parameters.log_days, removal_policy=RemovalPolicy.RETAIN
        )
        self.definition = task_definition(self, "Definition", tasks=parameters.tasks)
        self._app = AppContainers(
            image=self.image.image,
            variables=service_variables(
                parameters,
                version=self.image.version,
                proxy_hops=self.proxy_hops,
                timeouts=timeouts,
                noindex=noindex,
            ),
            secrets=secrets,
            log_group=self.log_group,
            stop_timeout_s=timeouts.stop_timeout_s,
        )
        self.web = self._app.add(self.definition, "web", COMMAND)
        self.definition.add_volume(name=SHARED_VOLUME)
        mount_shared(self.web)
        self.front = self._add_proxy()
        self._add_sidecars()
        grant_decrypt(self.definition.obtain_execution_role())
        _accept_login_to_images(self.definition)

    def add_variable(self, name: str, value: str) -> None:
        """Give every container of the app one more environment variable, such as a queue's URL.

        Raises ValueError for a name that is set already.
        """
        self._app.add_variable(name, value)

    def one_off_definition(
        self,
        id: str,
        *,
        name: str,
        command: Sequence[str],
        more_secrets: Mapping[str, ecs.Secret] | None = None,
        tasks: Tasks | None = None,
    ) -> ecs.FargateTaskDefinition:
        """Create a task definition that runs `command` with the service's image, roles and settings.

        `more_secrets` are for this command alone; its size is the service's without `tasks`.

        With them it has an execution role of its own, so that the service's cannot read them.

        Its only container and the prefix of its log are called `name`.
        """
        definition = task_definition(
            self,
            id,
            tasks=tasks or self._parameters.tasks,
            task_role=self.definition.task_role,
            execution_role=None if more_secrets else self.definition.obtain_execution_role(),
        )
        self._app.add(definition, name, command, more_secrets=more_secrets)
        if more_secrets:
            self._grant_decrypt(definition.obtain_execution_role())
            _accept_login_to_images(definition)
        return definition

    def job_definition(self, job: Job) -> ecs.FargateTaskDefinition:
        """Create a task definition for a job, with all of the service but its size."""
        return self.one_off_definition(
            f"Job{job.construct_id}", name=job.name, command=job.words, tasks=job.size(self._parameters.tasks)
        )

    def worker_definition(self, worker: Worker) -> ecs.FargateTaskDefinition:
        """Create a task definition for a worker, with a role of its own, and all else of the service."""
        definition = task_definition(
            self,
            f"Worker{worker.construct_id}",
            tasks=worker.size(self._parameters.tasks),
            execution_role=self.definition.obtain_execution_role(),
        )
        # Never less than the service has: the policy compares it with Gunicorn's variables, as it has.
        stop_timeout_s = max(worker.stop_timeout_s, self._timeouts.stop_timeout_s)
        container = self._app.add(
            definition,
            worker.name,
            worker.command,
            stop_timeout_s=stop_timeout_s,
            health_check=heartbeat.health_check(worker),
        )
        if worker.heartbeat_s:
            container.add_environment(heartbeat.VARIABLE, heartbeat.FILE)
        return definition

    def _add_proxy(self) -> ecs.ContainerDefinition:
        proxy = Proxy(
            self,
            "Proxy",
            parameters=self._parameters,
            timeouts=self._timeouts,
            version=self.image.version,
            hops=self.proxy_hops,
            definition=self.definition,
            logging=logging_to(self.log_group, prefix="proxy"),
        ).container
        # Started after Gunicorn and so, which matters more, stopped before it.
        proxy.add_container_dependencies(
            ecs.ContainerDependency(container=self.web, condition=ecs.ContainerDependencyCondition.START)
        )
        self.definition.default_container = proxy
        return proxy

    def _add_sidecars(self) -> None:
        for sidecar in self._parameters.sidecars:
            add_sidecar(
                self,
                sidecar,
                definition=self.definition,
                web=self.web,
                logging=logging_to(self.log_group, prefix=sidecar.name),
                stop_timeout_s=self._timeouts.stop_timeout_s,
            )
        if self._parameters.trace_percent:
            add_collector(self.definition, logging=logging_to(self.log_group, prefix="collector"))


def _accept_login_to_images(definition: ecs.FargateTaskDefinition) -> None:
    acknowledge(
        definition,
        rule="AwsSolutions-IAM5[Resource::*]",
        reason="ecr:GetAuthorizationToken knows no resources; all else in the role names its own.",
    )
