"""Define the database: one that the kit creates, one that exists, or a number of connections alone."""

import ipaddress
from typing import Literal

from pydantic import Field, field_validator

from infra.parameters.formats import Cidr
from infra.parameters.model import Parameters
from infra.parameters.secrets import SecretsManagerSecret, SecureParameter

# Memory in GiB. https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Concepts.DBInstanceClass.Summary.html
POSTGRES_MEMORY_GIB = {
    "t4g.micro": 1,
    "t4g.small": 2,
    "t4g.medium": 4,
    "t4g.large": 8,
    "m8g.large": 8,
    "m8g.xlarge": 16,
    "m8g.2xlarge": 32,
    "m8g.4xlarge": 64,
}
# A little less than the one for each 9.1 MiB that RDS takes by itself, and at most its 5000.
# https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/CHAP_Limits.html#RDS_Limits.MaxConnections
_CONNECTIONS_PER_GIB, _MOST_CONNECTIONS = 100, 5000
# What the service reads of its database: service/database_url.py.
VARIABLES = frozenset(
    f"DATABASE_{part}"
    for part in ("URL", "HOST", "PORT", "NAME", "USER", "PASSWORD", "LOGIN", "SSLMODE", "CONNECT_TIMEOUT_S")
)
# Of six zones with subnets of /27, as of a VPC for tasks (infra/parameters/network.py).
_SMALLEST_VPC = 24


class ConnectionPool(Parameters):
    """Define how many connections a worker keeps, and how many are kept free for others."""

    pool_size: int | None = Field(
        default=None,
        ge=1,
        description="most connections of a worker, with overflow; by default one for each thread",
    )
    reserved: int = Field(
        default=10, ge=0, description="connections kept free for people, backups and other clients"
    )


class DatabaseBudget(ConnectionPool):
    """The connections that the service's database accepts; this creates no database.

    Each worker keeps a pool of connections, so each task that the autoscaler adds opens more. A deployment
    runs old and new tasks side by side, twice as many. A synth fails if the pools could need more connections
    than there are. By default RDS accepts one connection for each 9.1 MiB of memory (PostgreSQL) or 12 MiB
    (MySQL). https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/CHAP_Limits.html#RDS_Limits.MaxConnections
    """

    max_connections: int = Field(
        ge=1,
        description="connections that it accepts, as `SHOW max_connections` (MySQL: `SHOW VARIABLES`) says",
    )


class DatabaseOfTheKit(ConnectionPool):
    """Define what databases that the kit creates have in common."""

    backup_days: int = Field(
        default=14, ge=7, le=35, description="days to keep the daily backups and the log for any second"
    )
    name: str = Field(
        default="app",
        pattern="^[a-z][a-z0-9_]{0,62}$",
        description="name of the database, which only a new instance takes",
    )
    cidr: Cidr = Field(
        default="10.254.0.0/24",
        description="IPv4 addresses of its VPC, /16 to /24, none of network.cidr; not with an ExistingVpc",
    )

    @field_validator("cidr")
    @classmethod
    def _has_room(cls, value: str) -> str:
        network = ipaddress.ip_network(value)
        if network.version != 4 or not 16 <= network.prefixlen <= _SMALLEST_VPC:
            raise ValueError(f"must be an IPv4 network of /16 to /{_SMALLEST_VPC}")
        return value


class Postgres(DatabaseOfTheKit):
    """A PostgreSQL of RDS in a stack of its own, `Data-<environment>`; docs/data.md shows the way to it.

    It accepts 100 connections for each GiB of memory, which bound the tasks as those of a `DatabaseBudget`.
    """

    instance: Literal[
        "t4g.micro",
        "t4g.small",
        "t4g.medium",
        "t4g.large",
        "m8g.large",
        "m8g.xlarge",
        "m8g.2xlarge",
        "m8g.4xlarge",
    ] = Field(default="t4g.small", description="size, without the `db.` that RDS puts before it")
    multi_az: bool = Field(
        default=True, description="a second instance in another zone takes over; costs twice as much"
    )
    storage_gib: int = Field(default=20, ge=20, le=65536, description="size of the gp3 volume at first")
    max_storage_gib: int = Field(
        default=100, ge=20, le=65536, description="size up to which RDS enlarges the volume by itself"
    )
    version: Literal["17", "18"] = Field(
        default="18", description="major version of PostgreSQL; minor ones come by themselves"
    )

    @property
    def max_connections(self) -> int:
        """Return the connections that the instance is told to accept."""
        return min(POSTGRES_MEMORY_GIB[self.instance] * _CONNECTIONS_PER_GIB, _MOST_CONNECTIONS)


class ExistingDatabase(DatabaseBudget):
    """A PostgreSQL that exists; whoever made it lets the tasks in and has made the user."""

    host: str = Field(min_length=1, description="name or address")
    port: int = Field(default=5432, ge=1, le=65535, description="port")
    name: str = Field(min_length=1, description="name of the database")
    user: str = Field(min_length=1, description="user whom the app logs in as")
    password: SecretsManagerSecret | SecureParameter = Field(description="where the user's password is")
