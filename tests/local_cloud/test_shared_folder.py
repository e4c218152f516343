"""Test that the containers of a task share a folder here, as they share a volume on Fargate."""

import os
import tempfile
from pathlib import Path

import pytest

from tools.local_cloud.runner.containers import _shared_folders

MOUNT = {"containerPath": "/srv/shared", "sourceVolume": "shared"}


def test_a_volume_of_two_containers_is_one_folder_for_everybody() -> None:
    containers = [
        {"mountPoints": [{"containerPath": "/tmp", "sourceVolume": f"tmp-{n}"}, MOUNT]} for n in (1, 2)
    ]
    folders = _shared_folders({"containerDefinitions": containers})
    assert folders.keys() == {"shared"}
    assert Path(folders["shared"]).stat().st_mode & 0o7777 == 0o1777
    folders["shared"].rmdir()


def test_the_other_user_that_nginx_becomes_if_root_starts_it_may_enter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tmp_path.chmod(0o700)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    [folder] = _shared_folders({"containerDefinitions": [{"mountPoints": [MOUNT, MOUNT]}]}).values()
    folder.rmdir()
    assert all(parent.stat().st_mode & 0o001 for parent in folder.parents)
