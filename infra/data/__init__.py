"""Create the database of an environment in a stack of its own, and let the tasks of the web stack in."""

from infra.data.access import Access, Database
from infra.data.aurora import AuroraCluster
from infra.data.cache import ValkeyCache
from infra.data.postgres import PostgresInstance
from infra.data.uploads import UploadsBucket
from infra.data.variables import LOGIN, USER, cache_variables, database_variables
from infra.data.vault import BackupVault

__all__ = [
    "LOGIN",
    "USER",
    "Access",
    "AuroraCluster",
    "BackupVault",
    "Database",
    "PostgresInstance",
    "UploadsBucket",
    "ValkeyCache",
    "cache_variables",
    "database_variables",
]
