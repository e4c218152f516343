"""Make the locks of the app: one hashed requirements file of the kit's packages and the team's own lock."""

from tools.locks.sources import stale

__all__ = ["stale"]
