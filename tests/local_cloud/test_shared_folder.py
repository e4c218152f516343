"""Test that the containers of a task share a folder here, as they share a volume on Fargate."""

from pathlib import Path

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
