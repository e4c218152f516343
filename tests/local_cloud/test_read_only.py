"""Test that tasks cannot write where they cannot in AWS, and that what root writes all the same is named."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tools.local_cloud import images
from tools.local_cloud.runner import read_only

_WRITES = """
import sys
for path in sys.argv[1:]:
    try:
        open(path, "w").close()
        print("written")
    except OSError as error:
        print(error.errno)
"""
_NOBODY = 65534


@pytest.fixture
def folder() -> Iterator[Path]:
    """Make a folder below /tmp that everybody may write to."""
    made = Path(tempfile.mkdtemp(dir="/tmp"))
    made.chmod(0o777)
    (made / "code").mkdir(mode=0o777)
    (made / "code").chmod(0o777)
    (made / "outside").mkdir()
    yield made
    shutil.rmtree(made)


@pytest.mark.skipif(not read_only.works(), reason="this machine lets nobody make a mount namespace")
@pytest.mark.parametrize("user", [os.getuid(), _NOBODY])
def test_only_what_is_writable_can_be_written_to(folder: Path, user: int) -> None:
    if user != os.getuid() and os.getuid() != 0:
        pytest.skip("only root can be somebody else")
    python = (
        sys.executable if user == os.getuid() else shutil.which("python3", path="/usr/bin:/usr/local/bin")
    )
    if not python:
        pytest.skip("nobody may run no Python here")
    paths = [folder / "code" / "new", Path("/var/tmp/new-by-a-test"), folder / "new", Path("/dev/null")]
    words = [python, "-c", _WRITES, *map(str, paths)]
    script = shutil.copy(read_only.__file__, folder)
    command = [python, "-I", script, str(folder / "code"), str(folder), "--", *words]
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, user=user if user != os.getuid() else None
    )
    # 30 is EROFS, "Read-only file system".
    assert done.stdout.split() == ["30", "30", "written", "written"], done.stderr


def test_a_program_that_is_not_there_is_an_error_of_one_line(folder: Path) -> None:
    if not read_only.works():
        pytest.skip("this machine lets nobody make a mount namespace")
    command = read_only.wrapped(("/nowhere/gunicorn",), folder / "code", ())
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (1, "exec /nowhere/gunicorn: No such file or directory\n")


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    """Keep a source as that of an image."""
    source = tmp_path / "source"
    (source / "templates").mkdir(parents=True)
    (source / "templates" / "page.html").write_text("page")
    (source / "link").symlink_to("templates/page.html")
    images._copy(source, tmp_path / "images" / "tag")
    return tmp_path / "images"


def test_a_kept_source_has_no_permission_to_write(kept: Path) -> None:
    assert images.written(kept) == []
    assert not (kept / "tag" / "service" / "templates").stat().st_mode & 0o222


def test_what_root_writes_beside_the_code_is_named(kept: Path) -> None:
    if os.getuid():
        pytest.skip("only root can")
    (kept / "tag" / "service" / "app.db").write_text("data")
    assert images.written(kept) == [kept / "tag" / "service" / "app.db"]


def test_a_kept_source_can_be_removed(kept: Path) -> None:
    images.remove(kept / "tag")
    assert not (kept / "tag").exists()
    images.remove(kept / "tag")  # once more
