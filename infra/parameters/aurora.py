"""Define a database that grows with its load, and that may pause while nobody is connected."""

from typing import Literal

from pydantic import Field

from infra.parameters.database import DatabaseOfTheKit, Postgres

# A little less than the connections that Aurora allows for a unit by itself, and at most what it allows where
# it may shrink to half a unit or to nothing:
# https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/aurora-serverless-v2.setting-capacity.html
_CONNECTIONS_PER_UNIT, _MOST, _MOST_WHEN_SMALL = 160, 5000, 2000
# https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/aurora-serverless-v2-auto-pause.html
# Resuming takes about 15 s, and 30 s and more where it has paused for over a day.
RESUMES_WITHIN_S = 35
_PAUSES_AFTER_S = 300


class Aurora(DatabaseOfTheKit):
    """An Aurora PostgreSQL in a stack of its own, `Data-<environment>`, that grows and shrinks with its load.

    With `min_acu=0` it pauses while nobody is connected, and the first to come waits for about 15 s. A
    capacity unit (ACU) is about 2 GiB of memory with its share of CPU; it accepts 160 connections for each
    of `max_acu`.
    """

    pool_size: int | None = Field(
        default=None,
        ge=0,
        description="most connections of a worker, with overflow; by default one for each thread. With 0 it "
        "keeps none (`NullPool`), which `min_acu=0` needs",
    )
    min_acu: float = Field(
        default=0.5, ge=0, le=256, multiple_of=0.5, description="fewest capacity units; with 0 it pauses"
    )
    max_acu: float = Field(default=4, ge=1, le=256, multiple_of=0.5, description="most capacity units")
    pause_after_s: int | None = Field(
        default=None,
        ge=_PAUSES_AFTER_S,
        le=86400,
        description=f"seconds without a connection until it pauses; by default {_PAUSES_AFTER_S}",
    )
    multi_az: bool = Field(
        default=True, description="a second instance in another zone takes over; costs twice as much"
    )
    version: Literal["17", "18"] = Field(
        default="17", description="major version of PostgreSQL; minor ones come by themselves"
    )

    @property
    def pauses(self) -> bool:
        """Return whether it pauses while nobody is connected."""
        return self.min_acu == 0

    @property
    def pauses_after_s(self) -> int | None:
        """Return the seconds until it pauses, if it does."""
        return (self.pause_after_s or _PAUSES_AFTER_S) if self.pauses else None

    @property
    def max_connections(self) -> int:
        """Return the connections that the cluster is told to accept."""
        most = _MOST_WHEN_SMALL if self.min_acu < 1 else _MOST
        return min(int(self.max_acu * _CONNECTIONS_PER_UNIT), most)


NewDatabase = Postgres | Aurora
