"""Refuse a vault for which there is nothing to keep."""

from collections.abc import Iterator

from infra.parameters.aurora import NewDatabase
from infra.parameters.fields import EnvironmentFields


def vault_problems(environment: EnvironmentFields) -> Iterator[str]:
    """Yield what is wrong with the vault."""
    if environment.vault and not (isinstance(environment.database, NewDatabase) or environment.uploads):
        yield (
            "vault is set, but neither a database that the kit makes nor uploads are there to be copied: set "
            "database to Postgres() or Aurora(), or uploads to Uploads(), or vault to None"
        )
