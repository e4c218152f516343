"""WebStack: composes the constructs of one environment, nothing else."""

from pathlib import Path

import aws_cdk as cdk
from constructs import Construct

from infra.environment import Environment
from infra.front_door import FrontDoor
from infra.monitoring import Monitoring
from infra.network import Network
from infra.scaling import Scaling
from infra.web_service import CONTAINER_PORT, HEALTH_PATH, WebService

SERVICE = Path(__file__).resolve().parent.parent / "service"


class WebStack(cdk.Stack):
    """Everything one environment needs; `Url` is where it answers."""

    def __init__(self, scope: Construct, id: str, *, environment: Environment) -> None:
        self._zones = list(environment.availability_zones)
        keep = environment.removal == "retain"
        super().__init__(
            scope,
            id,
            env=cdk.Environment(account=environment.account, region=environment.region),
            tags=environment.tags,
            termination_protection=keep,
            description=f"Flask under Gunicorn on Fargate: {environment.name}",
        )
        removal_policy = cdk.RemovalPolicy.RETAIN if keep else cdk.RemovalPolicy.DESTROY
        timeouts = environment.timeouts
        if timeouts.warning:
            cdk.Annotations.of(self).add_warning_v2("flask-fargate:longest-request", timeouts.warning)

        network = Network(
            self,
            "Network",
            availability_zones=self._zones,
            nat_gateways=environment.egress.nat_gateways,
            flow_log_days=environment.flow_log_days,
            removal_policy=removal_policy,
        )
        front_door = FrontDoor(
            self,
            "FrontDoor",
            vpc=network.vpc,
            target_port=CONTAINER_PORT,
            health_path=HEALTH_PATH,
            timeouts=timeouts,
            domain=environment.domain,
            access_log_days=environment.access_log_days,
            removal_policy=removal_policy,
        )
        web = WebService(
            self,
            "Web",
            source=SERVICE,
            environment_name=environment.name,
            vpc=network.vpc,
            subnets=network.task_subnets,
            assign_public_ip=network.tasks_need_public_ips,
            target_group=front_door.target_group,
            proxy_hops=1,  # the load balancer
            tasks=environment.tasks,
            proxy=environment.proxy,
            timeouts=timeouts,
            trace_percent=environment.trace_percent,
            container_insights=environment.container_insights,
            log_retention_days=environment.log_retention_days,
            removal_policy=removal_policy,
        )
        Scaling(
            self,
            "Scaling",
            service=web.service,
            target_group=front_door.target_group,
            min_tasks=environment.tasks.min,
            max_tasks=environment.tasks.max,
            targets=environment.scaling,
        )
        Monitoring(
            self,
            "Monitoring",
            load_balancer=front_door.load_balancer,
            target_group=front_door.target_group,
            service=web.service,
            max_tasks=environment.tasks.max,
            alarms=environment.alarms,
        )
        cdk.CfnOutput(self, "Url", value=front_door.url)
        cdk.CfnOutput(self, "ClusterName", value=web.cluster.cluster_name)
        cdk.CfnOutput(self, "ServiceName", value=web.service.service_name)
        cdk.CfnOutput(self, "LogGroupName", value=web.log_group.log_group_name)

    @property
    def availability_zones(self) -> list[str]:
        """The environment's zones: asking AWS for them would need credentials at synth."""
        return self._zones
