"""Create a PostgreSQL of RDS, its network, and the secret that the app logs in with."""

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
from infra.parameters import ExistingVpc, NewVpc, Postgres

_VERSIONS = {"17": rds.PostgresEngineVersion.VER_17, "18": rds.PostgresEngineVersion.VER_18}
_LOGS = ("postgresql", "upgrade")


class PostgresInstance(Construct):
    """A PostgreSQL in subnets without a way out, encrypted, over TLS alone, with backups and its log kept.

    Nobody reaches it at first: `Access` of the web stack lets the tasks in. `own_vpc` is None in a VPC of
    yours.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        choice: Postgres,
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
        subnets = vpc.isolated_subnets if self.own_vpc else vpc.private_subnets
        self.group = security_group(self, vpc)
        # A name of ours: its log groups can be made before it, and CloudFormation refuses a change that would
        # replace it by an empty one, because two cannot have the same name.
        name = f"data-{environment_name}"
        logs = [
            log_group(
                self,
                f"{kind.capitalize()}Log",
                log_days=log_days,
                removal_policy=removal_policy,
                name=f"/aws/rds/instance/{name}/{kind}",
            )
            for kind in _LOGS
        ]
        engine = rds.DatabaseInstanceEngine.postgres(version=_VERSIONS[choice.version])
        self.instance = rds.DatabaseInstance(
            self,
            "Instance",
            instance_identifier=name,
            engine=engine,
            instance_type=ec2.InstanceType(choice.instance),
            vpc=vpc,
            vpc_subnets=ec2.SubnetSelection(subnets=subnets),
            security_groups=[self.group],
            publicly_accessible=False,
            port=PORT,
            database_name=choice.name,
            credentials=rds.Credentials.from_username(ADMINISTRATOR),
            manage_master_user_password=True,
            iam_authentication=True,
            parameter_group=parameter_group(self, engine, max_connections=choice.max_connections),
            multi_az=choice.multi_az,
            storage_type=rds.StorageType.GP3,
            allocated_storage=choice.storage_gib,
            max_allocated_storage=choice.max_storage_gib,
            storage_encrypted=True,
            backup_retention=cdk.Duration.days(choice.backup_days),
            copy_tags_to_snapshot=True,
            auto_minor_version_upgrade=True,
            cloudwatch_logs_exports=list(_LOGS),
            database_insights_mode=rds.DatabaseInsightsMode.STANDARD,
            monitoring_interval=cdk.Duration.minutes(1),
            monitoring_role=monitoring_role(self),
            deletion_protection=keep,
            removal_policy=removal_policy if keep else cdk.RemovalPolicy.SNAPSHOT,
        )
        self.app_secret = app_secret(self, removal_policy)
        # The instance is the last: nothing can fail after it, and its protection cannot stop a rollback.
        self.instance.node.add_dependency(*logs, self.app_secret)
        self._accept(keep=keep)

    @property
    def arn(self) -> str:
        """Return the ARN of the instance."""
        return self.instance.instance_arn

    @property
    def address(self) -> str:
        """Return the name under which it answers."""
        return self.instance.db_instance_endpoint_address

    @property
    def port(self) -> str:
        """Return the port on which it answers."""
        return self.instance.db_instance_endpoint_port

    @property
    def administrator_secret(self) -> secretsmanager.ISecret:
        """Return the secret that RDS makes and rotates for the administrator."""
        if self.instance.secret is None:
            raise ValueError("RDS manages the administrator's password, so there is a secret")
        return self.instance.secret

    def _accept(self, *, keep: bool) -> None:
        if not self.choice.multi_az:
            acknowledge(
                self.instance,
                rule="AwsSolutions-RDS3",
                reason="database.multi_az is False: without its zone it is gone, which costs half.",
            )
        if not keep:
            acknowledge(
                self.instance,
                rule="AwsSolutions-RDS10",
                reason="removal is 'destroy': this environment is made to be thrown away; a snapshot stays.",
            )
