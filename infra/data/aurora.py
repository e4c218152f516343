"""Create an Aurora PostgreSQL, serverless, with its network and the secret that the app logs in with."""

from collections.abc import Sequence

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_rds as rds
from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import Construct

from infra.acknowledge import acknowledge
from infra.data.parts import (
    ADMINISTRATOR,
    PORT,
    app_secret,
    database_vpc,
    monitoring_role,
    parameter_group,
    security_group,
)
from infra.log_groups import log_group
from infra.parameters import Aurora, ExistingVpc, NewVpc

_VERSIONS = {
    "17": rds.AuroraPostgresEngineVersion.VER_17_7,
    "18": rds.AuroraPostgresEngineVersion.VER_18_3,
}
_LOG = "postgresql"


class AuroraCluster(Construct):
    """An Aurora in subnets without a way out, encrypted, over TLS alone, with backups and its log kept.

    As of a `PostgresInstance`, `Access` of the web stack lets the tasks in, and `own_vpc` is None in a VPC of
    yours.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        choice: Aurora,
        network: NewVpc | ExistingVpc,
        environment_name: str,
        availability_zones: Sequence[str],
        log_days: int,
        keep: bool,
        removal_policy: cdk.RemovalPolicy,
    ) -> None:
        """Create it; with `keep` it is protected from deletion, else deleting it leaves a snapshot."""
        super().__init__(scope, id)
        self.choice = choice
        vpc, self.own_vpc = database_vpc(
            self, network=network, cidr=choice.cidr, availability_zones=availability_zones
        )
        self.group = security_group(self, vpc)
        # A name of ours, for the reasons of a PostgresInstance.
        name = f"data-{environment_name}"
        log = log_group(
            self,
            "PostgresqlLog",
            log_days=log_days,
            removal_policy=removal_policy,
            name=f"/aws/rds/cluster/{name}/{_LOG}",
        )
        engine = rds.DatabaseClusterEngine.aurora_postgres(version=_VERSIONS[choice.version])
        pause = choice.pauses_after_s
        self.cluster = rds.DatabaseCluster(
            self,
            "Cluster",
            cluster_identifier=name,
            engine=engine,
            vpc=vpc,
            vpc_subnets=ec2.SubnetSelection(
                subnets=vpc.isolated_subnets if self.own_vpc else vpc.private_subnets
            ),
            security_groups=[self.group],
            port=PORT,
            default_database_name=choice.name,
            credentials=rds.Credentials.from_username(ADMINISTRATOR),
            manage_master_user_password=True,
            iam_authentication=True,
            parameter_group=parameter_group(self, engine, max_connections=choice.max_connections),
            serverless_v2_min_capacity=choice.min_acu,
            serverless_v2_max_capacity=choice.max_acu,
            serverless_v2_auto_pause_duration=cdk.Duration.seconds(pause) if pause else None,
            writer=rds.ClusterInstance.serverless_v2("Writer", publicly_accessible=False),
            # Scaled with the writer, whose place it takes: a smaller one would begin with too little memory.
            readers=[
                rds.ClusterInstance.serverless_v2("Reader", publicly_accessible=False, scale_with_writer=True)
            ]
            if choice.multi_az
            else [],
            storage_encrypted=True,
            backup=rds.BackupProps(retention=cdk.Duration.days(choice.backup_days)),
            copy_tags_to_snapshot=True,
            auto_minor_version_upgrade=True,
            cloudwatch_logs_exports=[_LOG],
            database_insights_mode=rds.DatabaseInsightsMode.STANDARD,
            monitoring_interval=cdk.Duration.minutes(1),
            monitoring_role=monitoring_role(self),
            deletion_protection=keep,
            removal_policy=removal_policy if keep else cdk.RemovalPolicy.SNAPSHOT,
        )
        self.app_secret = app_secret(self, removal_policy)
        # As for a PostgresInstance: nothing can fail after it.
        self.cluster.node.add_dependency(log, self.app_secret)
        if not keep:
            acknowledge(
                self.cluster,
                rule="AwsSolutions-RDS10",
                reason="removal is 'destroy': this environment is made to be thrown away; a snapshot stays.",
            )

    @property
    def arn(self) -> str:
        """Return the ARN of the cluster."""
        return self.cluster.cluster_arn

    @property
    def address(self) -> str:
        """Return the name under which the writer answers."""
        return self.cluster.cluster_endpoint.hostname

    @property
    def port(self) -> str:
        """Return the port on which it answers."""
        return cdk.Token.as_string(self.cluster.cluster_endpoint.port)

    @property
    def administrator_secret(self) -> secretsmanager.ISecret:
        """Return the secret that RDS makes and rotates for the administrator."""
        if self.cluster.secret is None:
            raise ValueError("RDS manages the administrator's password, so there is a secret")
        return self.cluster.secret
