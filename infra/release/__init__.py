"""Prepare releases: secrets, the release command, rotations and the restart after one, and protections."""

from infra.release.database_rotation import DatabaseRotation
from infra.release.protection import Protection
from infra.release.release_command import ReleaseCommand
from infra.release.rotation import Rotation
from infra.release.secrets import Secrets

__all__ = ["DatabaseRotation", "Protection", "ReleaseCommand", "Rotation", "Secrets"]
