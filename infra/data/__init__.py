"""Create the database of an environment in a stack of its own, and let the tasks of the web stack in."""

from infra.data.access import Access
from infra.data.postgres import PostgresInstance
from infra.data.variables import USER, database_variables

__all__ = ["USER", "Access", "PostgresInstance", "database_variables"]
