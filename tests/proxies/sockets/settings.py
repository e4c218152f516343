"""Settings of the app with WebSockets: those of the kit."""

from service.kit import Settings as KitSettings


class Settings(KitSettings):
    """No settings of its own."""
