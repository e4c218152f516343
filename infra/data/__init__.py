"""Create what keeps an environment's data in a stack of its own, and let the tasks of the web stack in."""

from infra.data.access import Access
from infra.data.cache import ValkeyCache
from infra.data.postgres import PostgresInstance
from infra.data.uploads import UploadsBucket
from infra.data.variables import USER, cache_variables, database_variables

__all__ = [
    "USER",
    "Access",
    "PostgresInstance",
    "UploadsBucket",
    "ValkeyCache",
    "cache_variables",
    "database_variables",
]
