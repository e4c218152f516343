"""Prepare releases: secrets, the release command, and the restart after a rotation."""

from infra.release.release_command import ReleaseCommand
from infra.release.rotation import Rotation
from infra.release.secrets import Secrets

__all__ = ["ReleaseCommand", "Rotation", "Secrets"]
