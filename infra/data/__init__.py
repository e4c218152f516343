"""Create the database of an environment in a stack of its own, and let the tasks of the web stack in."""

from infra.data.access import Access, Database
from infra.data.aurora import AuroraCluster
from infra.data.postgres import PostgresInstance
from infra.data.variables import LOGIN, USER, database_variables

__all__ = ["LOGIN", "USER", "Access", "AuroraCluster", "Database", "PostgresInstance", "database_variables"]
