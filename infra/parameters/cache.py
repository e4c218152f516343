"""Define the cache: a Valkey that the kit creates, with limits for what it may cost."""

from pydantic import Field, field_validator

from infra.parameters.database import room_for_subnets
from infra.parameters.formats import Cidr
from infra.parameters.model import Parameters

# What the service reads of its cache: service/cache_url.py.
CACHE_VARIABLES = frozenset(f"CACHE_{part}" for part in ("URL", "HOST", "PORT", "USER", "PASSWORD", "SCHEME"))


class Valkey(Parameters):
    """A Valkey of ElastiCache Serverless in `Data-<environment>`; docs/cache.md shows what works with it.

    It grows with what is in it. It is a cluster: commands take keys of one slot alone.
    """

    # https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/quota-limits.html
    max_storage_gb: int = Field(
        default=1,
        ge=1,
        le=5000,
        description="most data in it; above, what has a time to live goes first, then writes are refused",
    )
    max_ecpu_per_second: int = Field(
        default=5000,
        ge=1000,
        le=15_000_000,
        description="most work in a second, one unit for each kB of a simple command; above, it is slowed",
    )
    backup_days: int = Field(default=1, ge=0, le=35, description="days to keep the daily backups; 0: none")
    cidr: Cidr = Field(
        default="10.253.0.0/24",
        description="IPv4 addresses of its VPC, /16 to /24, of no other VPC here; not with an ExistingVpc",
    )

    @field_validator("cidr")
    @classmethod
    def _has_room(cls, value: str) -> str:
        return room_for_subnets(value)
