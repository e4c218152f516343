"""Prepare releases: secrets, the release command, the restart after a rotation, and protections."""

from infra.release.protection import Protection
from infra.release.release_command import ReleaseCommand
from infra.release.rotation import Rotation
from infra.release.secrets import Secrets

__all__ = ["Protection", "ReleaseCommand", "Rotation", "Secrets"]
