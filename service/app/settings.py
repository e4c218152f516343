"""Yours: the settings of your app. Each field is an environment variable of the same name in capitals."""

from typing import Literal

from pydantic import Field

from service.kit import Settings as KitSettings


class Settings(KitSettings):
    """The settings of the app, beside those of the kit."""

    csp: Literal["report", "enforce", "off"] = Field(default="enforce", description="report, enforce or off")
    faults: bool = Field(default=False, description="1 or 0, lets callers break this service on purpose")
