"""Prepare releases: secrets, the release command, rotations and restarts, protections, and sleep."""

from infra.release.database_rotation import DatabaseRotation
from infra.release.protection import Protection
from infra.release.release_command import ReleaseCommand
from infra.release.rotation import Rotation
from infra.release.secrets import Secrets
from infra.release.sleep import Sleeper

__all__ = ["DatabaseRotation", "Protection", "ReleaseCommand", "Rotation", "Secrets", "Sleeper"]
