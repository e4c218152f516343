"""Yours: the settings of your app. Each field is an environment variable of the same name in capitals."""

from pydantic import Field

from service.kit import Settings as KitSettings


class Settings(KitSettings):
    """The settings of the app, beside those of the kit."""

    faults: bool = Field(default=False, description="1 or 0, lets callers break this service on purpose")
