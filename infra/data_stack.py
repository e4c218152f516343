"""Compose what keeps an environment's data, in a stack that outlives the one of the service."""

from typing import Any

import aws_cdk as cdk
from constructs import Construct

from infra.data import AuroraCluster, Database, PostgresInstance
from infra.environment_stack import EnvironmentStack
from infra.log_groups import log_cdk_helper_functions
from infra.parameters import Aurora, Environment, NewDatabase


class DataStack(EnvironmentStack):
    """The database of an environment; the stack of its service refers to it and is deployed after it."""

    def __init__(self, scope: Construct, id: str, *, environment: Environment, database: NewDatabase) -> None:
        super().__init__(scope, id, environment=environment)
        self.template_options.description = f"The database of {environment.stack_name}"
        common: dict[str, Any] = {
            "network": environment.network,
            "environment_name": environment.name,
            "availability_zones": self.availability_zones,
            "log_days": environment.log_days,
            "keep": environment.removal == "retain",
            "removal_policy": self.removal_policy,
        }
        self.database: Database = (
            AuroraCluster(self, "Aurora", choice=database, **common)
            if isinstance(database, Aurora)
            else PostgresInstance(self, "Database", choice=database, **common)
        )
        log_cdk_helper_functions(self, log_days=environment.log_days, removal_policy=self.removal_policy)
        # By outputs, not by exports: an export would stop each change of a value that the service reads.
        for each in self.node.find_all():
            if isinstance(each, cdk.CfnResource):
                cdk.CrossStackReferences.of(each).produce(cdk.ReferenceStrength.WEAK)
