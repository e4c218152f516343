"""Settings of the app that is sent streams of bytes: those of the kit."""

from service.kit import Settings as KitSettings


class Settings(KitSettings):
    """No settings of its own."""
