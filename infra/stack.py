"""Compose the constructs of one environment, and nothing else."""

from pathlib import Path

import aws_cdk as cdk
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_iam as iam
from constructs import Construct

from infra.compute import Scaling, WebService
from infra.data import LOGIN, USER, Access, cache_variables, database_variables
from infra.data_stack import DataStack
from infra.environment_stack import EnvironmentStack
from infra.front_door import (
    FrontDoor,
    SharedFrontDoor,
    add_front_door,
    add_target_groups,
    export_for_other_stacks,
)
from infra.log_groups import log_cdk_helper_functions
from infra.mail import MailIdentity
from infra.monitoring import Monitoring
from infra.network import Network
from infra.parameters import (
    MAIL_VARIABLE,
    MIGRATION,
    RESUMES_WITHIN_S,
    Aurora,
    Environment,
    ExistingDatabase,
    Membership,
    Timeouts,
    Worker,
    owner_serves_names,
)
from infra.release import DatabaseRotation, Protection, ReleaseCommand, Rotation, Secrets, Sleeper
from infra.task import Task, task_port
from infra.work import ScheduledJobs, WorkerService

SERVICE = Path(__file__).resolve().parent.parent / "service"


class WebStack(EnvironmentStack):
    """Everything that one environment needs; the output `Url` says where it answers."""

    timeouts: Timeouts
    network: Network
    front_door: FrontDoor | SharedFrontDoor

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        environment: Environment,
        owner: "WebStack | None" = None,
        data: DataStack | None = None,
        membership: Membership | None = None,
    ) -> None:
        """Compose the environment; `owner` is the stack whose load balancer a SharedLoadBalancer names.

        `data` is the stack of its Postgres and its cache; `membership` is its part in a fleet.
        """
        super().__init__(scope, id, environment=environment)
        self.data = data.database if data else None
        self.cache = data.cache if data else None
        self.uploads = data.uploads if data else None
        if data:
            self.add_stack_dependency(data, "the release command needs the database")
        self.timeouts = environment.timeouts.behind(owner.timeouts) if owner else environment.timeouts
        if self.timeouts.warning:
            cdk.Annotations.of(self).add_warning_v2("flask-fargate:longest-request", self.timeouts.warning)
        self.network = owner.network if owner else self._new_network()
        self.target_groups = add_target_groups(
            self,
            parameters=environment,
            port_of=task_port,
            network=self.network,
            timeouts=self.timeouts,
        )
        self.target_group = self.target_groups.serving
        self.front_door = add_front_door(
            self,
            choice=environment.load_balancer,
            domain=environment.domain,
            owner=owner.front_door if owner else None,
            names_served_by_owner=owner is not None and owner_serves_names(environment, owner.parameters),
            network=self.network,
            target_groups=self.target_groups,
            timeouts=self.timeouts,
            rule_changes=environment.sleep is not None,
            removal_policy=self.removal_policy,
            membership=membership,
            health_path=environment.health_check.path,
        )
        self.secrets = Secrets(
            self, "Secrets", choices=environment.all_secrets, removal_policy=self.removal_policy
        )
        self.task = Task(
            self,
            "Task",
            source=SERVICE,
            parameters=environment,
            timeouts=self.timeouts,
            secrets={**self.secrets.for_containers, **self._logins_of_data()},
            grant_decrypt=self.secrets.grant_decrypt,
            hops_before_task=self.front_door.proxy_hops,
            # What may be destroyed at any time is not what a search engine should send people to.
            noindex=environment.removal == "destroy",
        )
        self.web = WebService(
            self,
            "Web",
            task=self.task,
            network=self.network,
            target_groups=self.target_groups,
            alternate_target=self.front_door.alternate_target,
            parameters=environment,
            removal_policy=self.removal_policy,
        )
        self.workers = [self._worker(each) for each in environment.workers]
        self._share_queues()
        self.jobs = self._scheduled_jobs()
        self._reach_database()
        self._reach_cache()
        self._use_uploads()
        self._add_release_command()
        self._rotate_database_login()
        self._restart_after_rotation()
        self._let_sleep()
        Scaling(
            self,
            "Scaling",
            service=self.web.service,
            target_group=self.target_group,
            parameters=environment,
        )
        self.monitoring = Monitoring(
            self,
            "Monitoring",
            environment_name=environment.name,
            load_balancer=self.front_door.own_load_balancer,
            target_groups=self.target_groups.all,
            service=self.web.service,
            workers=self.workers,
            jobs=self.jobs,
            log_group=self.task.log_group,
            tasks=environment.tasks,
            deployment=environment.deployment,
            alarms=environment.alarms,
            database=self.data.choice if self.data else None,
            rotation=self.rotation.function.function if self.rotation else None,
            cache=self.cache.choice if self.cache else None,
            vault=data.vault.name if data and data.vault else None,
        )
        self._send_mail()
        self._protect()
        log_cdk_helper_functions(self, log_days=environment.log_days, removal_policy=self.removal_policy)
        if isinstance(self.front_door, FrontDoor):
            export_for_other_stacks(self, network=self.network, front_door=self.front_door)
        self._add_outputs()

    def _new_network(self) -> Network:
        return Network(
            self,
            "Network",
            choice=self.parameters.network,
            execute_command=self.parameters.execute_command,
            availability_zones=self.availability_zones,
            removal_policy=self.removal_policy,
        )

    def _add_release_command(self) -> None:
        if not self.parameters.release_words:
            return
        release = ReleaseCommand(
            self,
            "Release",
            command=self.parameters.release_words,
            secrets=self._administrator_password(),
            timeout_s=self.parameters.release_timeout_s,
            task=self.task,
            cluster=self.web.cluster,
            network=self.network,
            security_group=self.web.security_group,
            log_days=self.parameters.log_days,
            removal_policy=self.removal_policy,
        )
        if self.access:
            release.node.add_dependency(self.access)
        for service in (self.web.service, *(worker.service for worker in self.workers)):
            service.node.add_dependency(release)
        if self.jobs:
            self.jobs.node.add_dependency(release)

    def _rotate_database_login(self) -> None:
        self.rotation: DatabaseRotation | None = None
        if not self.data:
            return
        self.rotation = DatabaseRotation(
            self,
            "DatabaseRotation",
            secret=self.data.app_secret,
            login=LOGIN,
            administrator=self._administrator_password(),
            command=MIGRATION,
            services=[self.web.service, *(worker.service for worker in self.workers)],
            task=self.task,
            cluster=self.web.cluster,
            network=self.network,
            security_group=self.web.security_group,
            log_days=self.parameters.log_days,
            removal_policy=self.removal_policy,
        )
        if self.access:
            self.rotation.node.add_dependency(self.access)

    @property
    def task_roles(self) -> list[iam.IRole]:
        """Return the roles of all tasks that run the app: grant each what the app may use."""
        definitions = [self.task.definition, *(worker.definition for worker in self.workers)]
        return [definition.task_role for definition in definitions]

    def _worker(self, choice: Worker) -> WorkerService:
        return WorkerService(
            self,
            f"Worker{choice.construct_id}",
            choice=choice,
            task=self.task,
            cluster=self.web.cluster,
            network=self.network,
            security_group=self.web.security_group,
            after=(self.web.providers, self.network.way_out),
            removal_policy=self.removal_policy,
        )

    def _scheduled_jobs(self) -> ScheduledJobs | None:
        if not self.parameters.jobs:
            return None
        return ScheduledJobs(
            self,
            "Jobs",
            choices=self.parameters.jobs,
            task=self.task,
            cluster=self.web.cluster,
            network=self.network,
            security_group=self.web.security_group,
            removal_policy=self.removal_policy,
        )

    def _share_queues(self) -> None:
        """Let every task send to every queue, its worker receive from it, and tell all where it is."""
        for worker in self.workers:
            if worker.queue:
                self.task.add_variable(worker.choice.variable, worker.queue.queue.queue_url)
                worker.queue.queue.grant_consume_messages(worker.definition.task_role)
                for role in self.task_roles:
                    worker.queue.queue.grant_send_messages(role)

    def _logins_of_data(self) -> dict[str, ecs.Secret]:
        made = {LOGIN: self.data, "CACHE_PASSWORD": self.cache}
        return {name: ecs.Secret.from_secrets_manager(each.app_secret) for name, each in made.items() if each}

    def _administrator_password(self) -> dict[str, ecs.Secret]:
        if not self.data:
            return {}
        secret = self.data.administrator_secret
        return {
            f"DATABASE_ADMIN_{key.upper()}": ecs.Secret.from_secrets_manager(secret, key)
            for key in ("username", "password")
        }

    def _reach_database(self) -> None:
        """Tell the app where its database is, and let its tasks reach the one that the kit creates."""
        self.access: Access | None = None
        existing = self.parameters.database
        variables: dict[str, str] = {}
        if isinstance(existing, ExistingDatabase):
            variables = database_variables(
                host=existing.host, port=str(existing.port), name=existing.name, user=existing.user
            )
        if self.data:
            variables = database_variables(
                host=self.data.address,
                port=self.data.port,
                name=self.data.choice.name,
                user=USER,
            )
            if isinstance(self.data.choice, Aurora) and self.data.choice.pauses:
                variables["DATABASE_CONNECT_TIMEOUT_S"] = str(RESUMES_WITHIN_S)
            self.access = Access(
                self, "Access", data=self.data, network=self.network, tasks=self.web.security_group
            )
        for name, value in variables.items():
            self.task.add_variable(name, value)

    def _reach_cache(self) -> None:
        """Tell the app where its cache is, and let its tasks reach it."""
        if not self.cache:
            return
        endpoint = self.cache.cache
        variables = cache_variables(host=endpoint.attr_endpoint_address, port=endpoint.attr_endpoint_port)
        for name, value in variables.items():
            self.task.add_variable(name, value)
        access = Access(
            self, "CacheAccess", data=self.cache, network=self.network, tasks=self.web.security_group
        )
        for service in (self.web.service, *(worker.service for worker in self.workers)):
            service.node.add_dependency(access)

    def _use_uploads(self) -> None:
        """Tell the app of its bucket for uploads, and let its tasks use it."""
        if not self.uploads:
            return
        for name, value in self.uploads.variables.items():
            self.task.add_variable(name, value)
        for role in self.task_roles:
            self.uploads.let_in(role)

    def _send_mail(self) -> None:
        """Let the app's tasks send mail from the addresses of a domain."""
        mail, domain = self.parameters.mail, self.parameters.domain
        if mail and domain and domain.hosted_zone_id:
            MailIdentity(
                self,
                "Mail",
                choice=mail,
                hosted_zone_id=domain.hosted_zone_id,
                roles=self.task_roles,
                topic=self.monitoring.topic,
            )
            self.task.add_variable(MAIL_VARIABLE, mail.domain)

    def _protect(self) -> None:
        if self.parameters.removal == "retain" and self.front_door.own_load_balancer:
            Protection(
                self,
                "Protection",
                load_balancer=self.front_door.own_load_balancer,
                after=self.web,
                environment_name=self.parameters.name,
                log_days=self.parameters.log_days,
                removal_policy=self.removal_policy,
            )

    def _restart_after_rotation(self) -> None:
        if self.parameters.all_secrets:
            Rotation(
                self,
                "Rotation",
                secrets=self.secrets,
                services=[self.web.service, *(worker.service for worker in self.workers)],
                log_days=self.parameters.log_days,
                removal_policy=self.removal_policy,
            )

    def _let_sleep(self) -> None:
        if not (self.parameters.sleep and self.front_door.rule):
            return
        sleeper = Sleeper(
            self,
            "Sleeper",
            choice=self.parameters.sleep,
            service=self.web.service,
            target_group=self.target_group,
            rule=self.front_door.rule,
            fewest_tasks=self.parameters.tasks.min,
            log_days=self.parameters.log_days,
            removal_policy=self.removal_policy,
        )
        cdk.CfnOutput(self, "SleepFunction", value=sleeper.function.function_name)
        cdk.CfnOutput(self, "SleepTargets", value=sleeper.group_arn)

    def _add_outputs(self) -> None:
        for name, secret in self.secrets.created.items():
            camel = "".join(part.capitalize() for part in name.split("_"))
            cdk.CfnOutput(self, f"Secret{camel}", value=secret.secret_arn)
        cdk.CfnOutput(self, "Url", value=self.front_door.url)
        cdk.CfnOutput(self, "ClusterName", value=self.web.cluster.cluster_name)
        cdk.CfnOutput(self, "ServiceName", value=self.web.service.service_name)
        cdk.CfnOutput(self, "LogGroupName", value=self.task.log_group.log_group_name)
