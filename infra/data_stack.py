"""Compose what keeps an environment's data, in a stack that outlives the one of the service."""

from typing import Any

import aws_cdk as cdk
from constructs import Construct

from infra.data import AuroraCluster, BackupVault, Database, PostgresInstance, UploadsBucket, ValkeyCache
from infra.environment_stack import EnvironmentStack
from infra.log_groups import log_cdk_helper_functions
from infra.parameters import Aurora, Environment, Postgres


class DataStack(EnvironmentStack):
    """The data of an environment; the stack of its service refers to it and is deployed after it."""

    def __init__(self, scope: Construct, id: str, *, environment: Environment) -> None:
        super().__init__(scope, id, environment=environment)
        self.template_options.description = f"The data of {environment.stack_name}"
        common: dict[str, Any] = {
            "network": environment.network,
            "environment_name": environment.name,
            "availability_zones": self.availability_zones,
            "log_days": environment.log_days,
            "keep": environment.removal == "retain",
            "removal_policy": self.removal_policy,
        }
        self.database: Database | None = None
        match environment.database:
            case Aurora() as choice:
                self.database = AuroraCluster(self, "Aurora", choice=choice, **common)
            case Postgres() as choice:
                self.database = PostgresInstance(self, "Database", choice=choice, **common)
        self.cache = (
            ValkeyCache(
                self,
                "Cache",
                choice=environment.cache,
                network=environment.network,
                environment_name=environment.name,
                availability_zones=self.availability_zones,
                removal_policy=self.removal_policy,
            )
            if environment.cache
            else None
        )
        self.uploads = (
            UploadsBucket(
                self,
                "Uploads",
                choice=environment.uploads,
                domain=environment.domain,
                environment_name=environment.name,
                keep=environment.removal == "retain",
            )
            if environment.uploads
            else None
        )
        kept = [each.arn for each in (self.database, self.uploads) if each]
        self.vault = (
            BackupVault(
                self, "Backup", choice=environment.vault, environment_name=environment.name, resources=kept
            )
            if environment.vault
            else None
        )
        log_cdk_helper_functions(self, log_days=environment.log_days, removal_policy=self.removal_policy)
        # By outputs, not by exports: an export would stop each change of a value that the service reads.
        for each in self.node.find_all():
            if isinstance(each, cdk.CfnResource):
                cdk.CrossStackReferences.of(each).produce(cdk.ReferenceStrength.WEAK)
