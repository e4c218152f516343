"""Settings of the app with Socket.IO: those of the kit."""

from service.kit import Settings as KitSettings


class Settings(KitSettings):
    """No settings of its own."""
