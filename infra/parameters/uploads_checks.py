"""Refuse variables that follow from the uploads."""

from collections.abc import Iterator

from infra.parameters.fields import EnvironmentFields
from infra.parameters.uploads import UPLOADS_VARIABLES


def uploads_problems(environment: EnvironmentFields) -> Iterator[str]:
    """Yield variables that are given twice."""
    if environment.uploads:
        for name in sorted({*environment.variables, *environment.secrets} & {*UPLOADS_VARIABLES}):
            yield f"{name} is given, but it follows from uploads: remove it from variables and secrets"
