"""Releases: secrets, the command that runs before a new version serves, the restart after a rotation."""

from infra.release.release_command import ReleaseCommand
from infra.release.rotation import Rotation
from infra.release.secrets import Secrets

__all__ = ["ReleaseCommand", "Rotation", "Secrets"]
