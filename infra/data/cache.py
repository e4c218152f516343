"""Create a Valkey of ElastiCache Serverless, its network, and the user that the app logs in as."""

from collections.abc import Sequence

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_elasticache as elasticache
from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import Construct

from infra.acknowledge import acknowledge
from infra.data.parts import database_vpc
from infra.data.variables import USER
from infra.parameters import ExistingVpc, NewVpc, Valkey

# ElastiCache Serverless has no other for writing.
CACHE_PORT = 6379
_ENGINE, _VERSION = "valkey", "8"
# Its own cache's data and channels alone; ElastiCache takes what administers a server from everybody.
# https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/Clusters.RBAC.html
_MAY = "on ~* &* +@all"


class ValkeyCache(Construct):
    """A cache in subnets without a way out, encrypted, over TLS alone, for a user with a password.

    Nobody reaches it at first: `Access` of the web stack lets the tasks in. `own_vpc` is None in a VPC of
    yours.
    """

    own_vpc: ec2.Vpc | None

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        choice: Valkey,
        network: NewVpc | ExistingVpc,
        environment_name: str,
        availability_zones: Sequence[str],
        removal_policy: cdk.RemovalPolicy,
    ) -> None:
        super().__init__(scope, id)
        self.choice = choice
        vpc, self.own_vpc = database_vpc(
            self,
            network=network,
            cidr=choice.cidr,
            availability_zones=availability_zones,
            no_flow_logs="Only the cache is in it, which tasks alone reach; flow logs cost by the GB.",
        )
        subnets = vpc.isolated_subnets if self.own_vpc else vpc.private_subnets
        self.group = ec2.SecurityGroup(
            self,
            "Group",
            vpc=vpc,
            allow_all_outbound=False,
            description="The cache: reached by tasks alone",
        )
        self.app_secret = self._app_secret(removal_policy)
        # Names of ours: CloudFormation refuses a change that would replace it by an empty one.
        self._name = f"data-{environment_name}"
        limits = elasticache.CfnServerlessCache
        self.cache = limits(
            self,
            "Cache",
            engine=_ENGINE,
            major_engine_version=_VERSION,
            serverless_cache_name=self._name,
            description=f"Cache of {environment_name}",
            user_group_id=self._users(removal_policy),
            subnet_ids=[each.subnet_id for each in subnets],
            security_group_ids=[self.group.security_group_id],
            snapshot_retention_limit=choice.backup_days,
            cache_usage_limits=limits.CacheUsageLimitsProperty(
                data_storage=limits.DataStorageProperty(maximum=choice.max_storage_gb, unit="GB"),
                ecpu_per_second=limits.ECPUPerSecondProperty(maximum=choice.max_ecpu_per_second),
            ),
        )
        self.cache.apply_removal_policy(removal_policy)

    def _users(self, removal_policy: cdk.RemovalPolicy) -> str:
        user = elasticache.CfnUser(
            self,
            "User",
            engine=_ENGINE,
            user_id=self._name,
            user_name=USER,
            access_string=_MAY,
            # A reference, which CloudFormation resolves: the password is in no template.
            passwords=[self.app_secret.secret_value.unsafe_unwrap()],
        )
        group = elasticache.CfnUserGroup(
            self, "Users", engine=_ENGINE, user_group_id=self._name, user_ids=[user.ref]
        )
        for each in (user, group):
            each.apply_removal_policy(removal_policy)
        return group.ref

    def _app_secret(self, removal_policy: cdk.RemovalPolicy) -> secretsmanager.Secret:
        secret = secretsmanager.Secret(
            self,
            "App",
            description=f"Password of the user {USER} of the cache",
            generate_secret_string=secretsmanager.SecretStringGenerator(
                password_length=50, exclude_punctuation=True
            ),
            removal_policy=removal_policy,
        )
        acknowledge(
            secret,
            rule="AwsSolutions-SMG4",
            reason="docs/cache.md says how to change it; only the tasks' network reaches the cache.",
        )
        return secret
