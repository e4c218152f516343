"""Define the number of connections that a database accepts, which limits the number of tasks."""

from pydantic import Field

from infra.parameters.model import Parameters


class DatabaseBudget(Parameters):
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
    pool_size: int | None = Field(
        default=None,
        ge=1,
        description="most connections of a worker, with overflow; by default one for each thread",
    )
    reserved: int = Field(
        default=10, ge=0, description="connections kept free for people, backups and other clients"
    )
