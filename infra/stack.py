"""WebStack: composes the constructs of one environment, nothing else."""

from pathlib import Path

import aws_cdk as cdk
from constructs import Construct

from infra.compute import Scaling, WebService
from infra.front_door import (
    FrontDoor,
    SecondTargetGroup,
    SharedFrontDoor,
    TargetGroup,
    add_front_door,
    export_for_other_stacks,
)
from infra.log_groups import log_cdk_helper_functions
from infra.monitoring import Monitoring
from infra.network import Network
from infra.parameters import BlueGreen, Environment, Timeouts, owner_serves_names
from infra.release import ReleaseCommand, Rotation, Secrets
from infra.task import Task, task_port

SERVICE = Path(__file__).resolve().parent.parent / "service"


class WebStack(cdk.Stack):
    """Everything one environment needs; `Url` is where it answers."""

    network: Network
    timeouts: Timeouts
    front_door: FrontDoor | SharedFrontDoor

    def __init__(
        self, scope: Construct, id: str, *, environment: Environment, owner: "WebStack | None" = None
    ) -> None:
        """`owner` is the stack whose load balancer and network a SharedLoadBalancer names."""
        self._zones = list(environment.availability_zones)
        keep = environment.removal == "retain"
        super().__init__(
            scope,
            id,
            env=cdk.Environment(account=environment.account, region=environment.region),
            synthesizer=cdk.DefaultStackSynthesizer(qualifier=environment.bootstrap_qualifier),
            permissions_boundary=(
                cdk.PermissionsBoundary.from_name(environment.permissions_boundary)
                if environment.permissions_boundary
                else None
            ),
            tags={"environment": environment.name, **environment.tags},
            termination_protection=keep,
            description=f"Flask under Gunicorn on Fargate: {environment.name}",
        )
        self._removal_policy = cdk.RemovalPolicy.RETAIN if keep else cdk.RemovalPolicy.DESTROY
        self.parameters = environment
        self.timeouts = environment.timeouts.behind(owner.timeouts) if owner else environment.timeouts
        # CloudFormation then refuses to take away a load balancer that others use.
        cdk.CrossStackReferences.of(self).consume(cdk.ReferenceStrength.STRONG)
        if self.timeouts.warning:
            cdk.Annotations.of(self).add_warning_v2("flask-fargate:longest-request", self.timeouts.warning)

        self.network = owner.network if owner else self._network()
        self.target_group = self._target_group("Targets")
        self.second_target_group = (
            SecondTargetGroup(
                target_group=self._target_group("Alternates"), test_port=environment.deployment.test_port
            )
            if isinstance(environment.deployment, BlueGreen)
            else None
        )
        self.front_door = add_front_door(
            self,
            environment,
            owner=owner.front_door if owner else None,
            names_served_by_owner=owner is not None and owner_serves_names(environment, owner.parameters),
            network=self.network,
            target_group=self.target_group,
            second_target_group=self.second_target_group,
            timeouts=self.timeouts,
            removal_policy=self._removal_policy,
        )
        self.secrets = Secrets(
            self, "Secrets", choices=environment.secrets, removal_policy=self._removal_policy
        )
        self.task = Task(
            self,
            "Task",
            source=SERVICE,
            image=environment.image,
            environment_name=environment.name,
            proxy_hops=self.front_door.proxy_hops,
            tls=environment.tls_to_tasks,
            tasks=environment.tasks,
            proxy=environment.proxy,
            sidecars=environment.sidecars,
            timeouts=self.timeouts,
            variables=environment.variables,
            secrets=self.secrets.for_containers,
            trace_percent=environment.trace_percent,
            log_days=environment.log_days,
            removal_policy=self._removal_policy,
        )
        self.secrets.grant_decrypt(self.task.definition.obtain_execution_role())
        alternate_target = (
            self.second_target_group.target(self.front_door.production_rule, self.front_door.test_rule)
            if self.second_target_group
            else None
        )
        self.web = WebService(
            self,
            "Web",
            task=self.task,
            network=self.network,
            target_group=self.target_group,
            alternate_target=alternate_target,
            deployment=environment.deployment,
            tasks=environment.tasks,
            health_grace_s=environment.health_check.grace_s,
            container_insights=environment.container_insights,
            execute_command=environment.execute_command,
            log_days=environment.log_days,
            removal_policy=self._removal_policy,
        )
        self._add_release_and_rotation(environment)
        Scaling(
            self,
            "Scaling",
            service=self.web.service,
            target_group=self.target_group,
            environment_name=environment.name,
            min_tasks=environment.tasks.min,
            max_tasks=environment.tasks.max,
            targets=environment.scaling,
        )
        self.monitoring = Monitoring(
            self,
            "Monitoring",
            environment_name=environment.name,
            load_balancer=self.front_door.own_load_balancer,
            target_groups=[
                self.target_group,
                *([self.second_target_group.target_group] if self.second_target_group else []),
            ],
            service=self.web.service,
            log_group=self.task.log_group,
            max_tasks=environment.tasks.max,
            alarms=environment.alarms,
        )
        log_cdk_helper_functions(self, log_days=environment.log_days, removal_policy=self._removal_policy)
        if isinstance(self.front_door, FrontDoor):
            export_for_other_stacks(self, network=self.network, front_door=self.front_door)
        cdk.CfnOutput(self, "Url", value=self.front_door.url)
        cdk.CfnOutput(self, "ClusterName", value=self.web.cluster.cluster_name)
        cdk.CfnOutput(self, "ServiceName", value=self.web.service.service_name)
        cdk.CfnOutput(self, "LogGroupName", value=self.task.log_group.log_group_name)

    def _add_release_and_rotation(self, environment: Environment) -> None:
        """What happens when there is a new version, or a new value of a secret."""
        if environment.release_command:
            release = ReleaseCommand(
                self,
                "Release",
                command=environment.release_command,
                timeout_s=environment.release_timeout_s,
                task=self.task,
                cluster=self.web.cluster,
                network=self.network,
                security_group=self.web.security_group,
                log_days=environment.log_days,
                removal_policy=self._removal_policy,
            )
            self.web.service.node.add_dependency(release)
        if environment.secrets:
            Rotation(
                self,
                "Rotation",
                secrets=self.secrets,
                service=self.web.service,
                log_days=environment.log_days,
                removal_policy=self._removal_policy,
            )
        for name, secret in self.secrets.made.items():
            camel = "".join(part.capitalize() for part in name.split("_"))
            cdk.CfnOutput(self, f"Secret{camel}", value=secret.secret_arn)

    def _target_group(self, id: str) -> TargetGroup:
        environment = self.parameters
        return TargetGroup(
            self,
            id,
            vpc=self.network.vpc,
            port=task_port(tls=environment.tls_to_tasks),
            tls=environment.tls_to_tasks,
            timeouts=self.timeouts,
            health_check=environment.health_check,
            routing=environment.routing,
        )

    def _network(self) -> Network:
        return Network(
            self,
            "Network",
            choice=self.parameters.network,
            execute_command=self.parameters.execute_command,
            availability_zones=self._zones,
            removal_policy=self._removal_policy,
        )

    @property
    def availability_zones(self) -> list[str]:
        """The environment's zones: asking AWS for them would need credentials at synth."""
        return self._zones
