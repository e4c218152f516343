"""Create a PostgreSQL of RDS, its network, and the secret that the app logs in with."""

from collections.abc import Sequence

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_rds as rds
from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import Construct

from infra.acknowledge import acknowledge, as_cdk_nag_writes
from infra.data.network import data_network
from infra.data.variables import USER
from infra.log_groups import log_group
from infra.parameters import ExistingVpc, NewVpc, Postgres

# Not those that attackers try first. https://docs.aws.amazon.com/securityhub/latest/userguide/rds-controls.html
PORT, ADMINISTRATOR = 5433, "administrator"
_VERSIONS = {"17": rds.PostgresEngineVersion.VER_17, "18": rds.PostgresEngineVersion.VER_18}
_LOGS = ("postgresql", "upgrade")
_SLOW_MS = 1000
_ENHANCED_MONITORING = "RDSOSMetrics"


class PostgresInstance(Construct):
    """A PostgreSQL in subnets without a way out, encrypted, over TLS alone, with backups and its log kept.

    Nobody reaches it at first: `Access` of the web stack lets the tasks in. `own_vpc` is None in a VPC of
    yours.
    """

    own_vpc: ec2.Vpc | None

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
        self.port = PORT
        vpc, subnets, self.own_vpc = data_network(
            self,
            network=network,
            cidr=choice.cidr,
            availability_zones=availability_zones,
            no_flow_logs="Only the database is in it, which logs who connects; flow logs cost by the GB.",
        )
        self.group = ec2.SecurityGroup(
            self,
            "Group",
            vpc=vpc,
            allow_all_outbound=False,
            description="The database: reached by tasks alone",
        )
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
            vpc_subnets=ec2.SubnetSelection(subnets=list(subnets)),
            security_groups=[self.group],
            publicly_accessible=False,
            port=PORT,
            database_name=choice.name,
            credentials=rds.Credentials.from_username(ADMINISTRATOR),
            manage_master_user_password=True,
            iam_authentication=True,
            parameter_group=self._parameters(engine),
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
            monitoring_role=self._monitoring_role(),
            deletion_protection=keep,
            removal_policy=removal_policy if keep else cdk.RemovalPolicy.SNAPSHOT,
        )
        self.app_secret = self._app_secret(removal_policy)
        # The instance is the last: nothing can fail after it, and its protection cannot stop a rollback.
        self.instance.node.add_dependency(*logs, self.app_secret)
        self._accept(keep=keep)

    @property
    def administrator_secret(self) -> secretsmanager.ISecret:
        """Return the secret that RDS makes and rotates for the administrator."""
        if self.instance.secret is None:
            raise ValueError("RDS manages the administrator's password, so there is a secret")
        return self.instance.secret

    def _parameters(self, engine: rds.IInstanceEngine) -> rds.ParameterGroup:
        return rds.ParameterGroup(
            self,
            "Parameters",
            engine=engine,
            description="TLS alone, and a log of slow statements and of changes of the schema",
            parameters={
                "rds.force_ssl": "1",
                "max_connections": str(self.choice.max_connections),
                "log_connections": "1",
                "log_statement": "ddl",
                "log_min_duration_statement": str(_SLOW_MS),
            },
        )

    def _monitoring_role(self) -> iam.Role:
        # The L2's own one has a policy of AWS's, which writes to every log group that begins like this.
        # https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_Monitoring.OS.Enabling.html
        group = cdk.Stack.of(self).format_arn(
            service="logs",
            resource="log-group",
            resource_name=_ENHANCED_MONITORING,
            arn_format=cdk.ArnFormat.COLON_RESOURCE_NAME,
        )
        role = iam.Role(self, "Monitoring", assumed_by=iam.ServicePrincipal("monitoring.rds.amazonaws.com"))
        streams = f"{group}:log-stream:*"
        for actions, resource in (
            (["logs:CreateLogGroup", "logs:PutRetentionPolicy"], group),
            (["logs:CreateLogStream", "logs:PutLogEvents", "logs:DescribeLogStreams"], streams),
        ):
            role.add_to_policy(iam.PolicyStatement(actions=actions, resources=[resource]))
        acknowledge(
            role,
            rule=f"AwsSolutions-IAM5[Resource::{as_cdk_nag_writes(cdk.Stack.of(self), streams)}]",
            reason="One log group's streams: RDS names them.",
        )
        return role

    def _app_secret(self, removal_policy: cdk.RemovalPolicy) -> secretsmanager.Secret:
        secret = secretsmanager.Secret(
            self,
            "App",
            description=f"Password of the user {USER} of the database",
            generate_secret_string=secretsmanager.SecretStringGenerator(
                password_length=50, exclude_punctuation=True
            ),
            removal_policy=removal_policy,
        )
        acknowledge(
            secret,
            rule="AwsSolutions-SMG4",
            reason="docs/data.md says how to change it; only the tasks' network reaches the database.",
        )
        return secret

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
