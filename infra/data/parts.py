"""Create what every database of the kit has: its network, parameters, roles and the secret of the app."""

import json
from collections.abc import Sequence

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_rds as rds
from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import Construct

from infra.acknowledge import acknowledge, as_cdk_nag_writes
from infra.data.variables import USER
from infra.parameters import ExistingVpc, NewVpc

# Not those that attackers try first. https://docs.aws.amazon.com/securityhub/latest/userguide/rds-controls.html
PORT, ADMINISTRATOR = 5433, "administrator"
_SLOW_MS = 1000
_ENHANCED_MONITORING = "RDSOSMetrics"


def database_vpc(
    scope: Construct, *, network: NewVpc | ExistingVpc, cidr: str, availability_zones: Sequence[str]
) -> tuple[ec2.IVpc, ec2.Vpc | None]:
    """Return the VPC of a database, twice where it is made for it: with subnets that lead nowhere."""
    if isinstance(network, ExistingVpc):
        vpc = ec2.Vpc.from_vpc_attributes(
            scope,
            "Vpc",
            vpc_id=network.vpc_id,
            vpc_cidr_block=network.cidr,
            availability_zones=list(availability_zones),
            private_subnet_ids=list(network.private_subnet_ids),
        )
        for subnet in vpc.private_subnets:
            cdk.Annotations.of(subnet).acknowledge_warning("@aws-cdk/aws-ec2:noSubnetRouteTableId")
        return vpc, None
    own = ec2.Vpc(
        scope,
        "Vpc",
        ip_addresses=ec2.IpAddresses.cidr(cidr),
        availability_zones=list(availability_zones),
        nat_gateways=0,
        subnet_configuration=[
            ec2.SubnetConfiguration(name="data", subnet_type=ec2.SubnetType.PRIVATE_ISOLATED, cidr_mask=27)
        ],
        restrict_default_security_group=True,
    )
    acknowledge(
        own,
        rule="CloudFormation-Validate::W3010",
        reason="The zones are parameters: to look them up, a synth would need an AWS account.",
    )
    acknowledge(
        own,
        rule="AwsSolutions-VPC7",
        reason="Only the database is in it, which logs who connects; flow logs are paid by the gigabyte.",
    )
    return own, own


def security_group(scope: Construct, vpc: ec2.IVpc) -> ec2.SecurityGroup:
    """Create a group that lets nobody in: `Access` of the web stack lets the tasks in."""
    return ec2.SecurityGroup(
        scope,
        "Group",
        vpc=vpc,
        allow_all_outbound=False,
        description="The database: reached by tasks alone",
    )


def parameter_group(
    scope: Construct, engine: rds.IInstanceEngine | rds.IClusterEngine, *, max_connections: int
) -> rds.ParameterGroup:
    """Create parameters: TLS alone, the connections that the synth counts on, and a log of what matters."""
    return rds.ParameterGroup(
        scope,
        "Parameters",
        engine=engine,
        description="TLS alone, and a log of slow statements and of changes of the schema",
        parameters={
            "rds.force_ssl": "1",
            "max_connections": str(max_connections),
            "log_connections": "1",
            "log_statement": "ddl",
            "log_min_duration_statement": str(_SLOW_MS),
        },
    )


def monitoring_role(scope: Construct) -> iam.Role:
    """Create the role by which RDS writes down how busy its machine is."""
    # The L2's own one has a policy of AWS's, which writes to every log group that begins like this.
    # https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_Monitoring.OS.Enabling.html
    group = cdk.Stack.of(scope).format_arn(
        service="logs",
        resource="log-group",
        resource_name=_ENHANCED_MONITORING,
        arn_format=cdk.ArnFormat.COLON_RESOURCE_NAME,
    )
    role = iam.Role(scope, "Monitoring", assumed_by=iam.ServicePrincipal("monitoring.rds.amazonaws.com"))
    streams = f"{group}:log-stream:*"
    for actions, resource in (
        (["logs:CreateLogGroup", "logs:PutRetentionPolicy"], group),
        (["logs:CreateLogStream", "logs:PutLogEvents", "logs:DescribeLogStreams"], streams),
    ):
        role.add_to_policy(iam.PolicyStatement(actions=actions, resources=[resource]))
    acknowledge(
        role,
        rule=f"AwsSolutions-IAM5[Resource::{as_cdk_nag_writes(cdk.Stack.of(scope), streams)}]",
        reason="One log group's streams: RDS names them.",
    )
    return role


def app_secret(scope: Construct, removal_policy: cdk.RemovalPolicy) -> secretsmanager.Secret:
    """Create the login of the app, which the stack of the service rotates."""
    secret = secretsmanager.Secret(
        scope,
        "App",
        description="User and password of the app in the database",
        generate_secret_string=secretsmanager.SecretStringGenerator(
            secret_string_template=json.dumps({"username": USER}),
            generate_string_key="password",
            password_length=50,
            exclude_punctuation=True,
        ),
        removal_policy=removal_policy,
    )
    acknowledge(
        secret,
        rule="AwsSolutions-SMG4",
        reason="The stack of the service rotates it: only its tasks reach the database.",
    )
    return secret
