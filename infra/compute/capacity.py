"""Create the cluster, and split its tasks between Fargate and Fargate Spot."""

from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_ecs as ecs
from constructs import Construct

from infra.acknowledge import acknowledge
from infra.parameters import Tasks


class Capacity(Construct):
    """A cluster, with the strategies that put tasks on Fargate, on Fargate Spot, or on both."""

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        vpc: ec2.IVpc,
        tasks: Tasks,
        container_insights: bool,
        execute_command: ecs.ExecuteCommandConfiguration | None = None,
    ) -> None:
        super().__init__(scope, id)
        insights = ecs.ContainerInsights.ENHANCED if container_insights else ecs.ContainerInsights.DISABLED
        self.cluster = ecs.Cluster(
            self,
            "Cluster",
            vpc=vpc,
            container_insights_v2=insights,
            execute_command_configuration=execute_command,
        )
        # The base runs on demand, since AWS takes Spot tasks back; tasks above it are placed by weight.
        base, spot_weight = {"never": (0, 0), "above_min": (tasks.min, 1), "always": (0, 1)}[tasks.spot]
        self.strategies = [
            ecs.CapacityProviderStrategy(
                capacity_provider="FARGATE", base=base, weight=0 if spot_weight else 1
            ),
            ecs.CapacityProviderStrategy(capacity_provider="FARGATE_SPOT", weight=spot_weight),
        ]
        # L1, because the L2 creates its association too late for a service to depend on it, and without that
        # dependency the stack cannot be deleted: https://github.com/aws/aws-cdk/issues/15366
        self.providers = ecs.CfnClusterCapacityProviderAssociations(
            self,
            "Providers",
            cluster=self.cluster.cluster_name,
            capacity_providers=["FARGATE", "FARGATE_SPOT"],
            default_capacity_provider_strategy=[],
        )
        if not container_insights:
            acknowledge(
                self.cluster,
                rule="AwsSolutions-ECS4",
                reason="Container Insights is paid for by the metric; this environment does not ask for it.",
            )
