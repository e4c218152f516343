"""Database: how many connections it admits, which tasks that scale must not use up."""

from pydantic import Field

from infra.parameters.model import Parameters


class DatabaseBudget(Parameters):
    """The connections of the database that the service uses; it makes none.

    Each worker keeps a pool, so every task that the autoscaler adds opens more; a deployment runs old and new
    tasks side by side, twice as many. What does not fit fails the synth. RDS admits, unless its parameter
    group says otherwise, one for each 9.1 MiB of memory (PostgreSQL) or 12 MiB (MySQL).
    https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/CHAP_Limits.html#RDS_Limits.MaxConnections
    """

    max_connections: int = Field(ge=1, description="that it admits: `SHOW max_connections`, or variable")
    pool_size: int | None = Field(
        default=None, ge=1, description="most connections of one worker, overflow included; else its threads"
    )
    reserved: int = Field(default=10, ge=0, description="left for people, backups and other clients")
