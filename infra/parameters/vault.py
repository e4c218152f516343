"""Define the vault: copies of an environment's data that whoever deploys cannot delete."""

from pydantic import Field

from infra.parameters.model import Parameters

# A vault's lock cannot be changed later: it holds for the shortest time that keep_days may be.
LEAST_KEEP_DAYS = 7


class Vault(Parameters):
    """A daily copy of the database and of the uploads in a vault of AWS Backup; docs/data.md."""

    keep_days: int = Field(
        default=35, ge=LEAST_KEEP_DAYS, le=365, description="days after which a copy is deleted"
    )
    locked: bool = Field(
        default=True,
        description="from three days after it was made nobody can delete a copy before its time, or unlock "
        "the vault: not you, not AWS",
    )
