"""Test that files of values are read as they are, kept for their owner alone, and never shown in errors."""

import os
import stat
from pathlib import Path

import pytest
from dotenv import dotenv_values
from hypothesis import given
from hypothesis import strategies as st

from tools.secrets import EnvFileError, keep, read

_ROOT = Path(__file__).resolve().parents[2]


def test_quotes_comments_and_export_are_understood(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text("# a comment\nexport A=1\nB='two words' # why\nC=\"x\\ny\"\nEMPTY=\nNAME_ALONE\n")
    assert read(file) == {"A": "1", "B": "two words", "C": "x\ny"}


def test_a_dollar_in_a_value_stays_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "leaked")
    (tmp_path / ".env").write_text("PASSWORD=pa${HOME}ss$word\n")
    assert read(tmp_path / ".env") == {"PASSWORD": "pa${HOME}ss$word"}


def test_a_line_that_is_none_is_named_by_its_number_and_not_shown(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("A=1\nB='hunter2\n")
    with pytest.raises(EnvFileError, match="Line 2 of ") as error:
        read(tmp_path / ".env")
    assert "hunter2" not in str(error.value)


def test_a_file_that_is_not_there_says_what_to_name(tmp_path: Path) -> None:
    with pytest.raises(EnvFileError, match=r"no file .* Name one with lines such as NAME=value"):
        read(tmp_path / "nowhere")


def test_a_kept_file_is_its_owners_alone_even_if_it_was_not(tmp_path: Path) -> None:
    file = tmp_path / ".env.local"
    file.write_text("# mine\nOLD=1\nOTHER=2")
    file.chmod(0o644)
    before = os.umask(0)
    try:
        keep(file, {"OLD": "new", "KEY": "value"})
    finally:
        os.umask(before)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert file.read_text() == "# mine\nOTHER=2\nOLD='new'\nKEY='value'\n"
    assert [path.name for path in tmp_path.iterdir()] == [".env.local"]


@given(st.text(st.characters(exclude_characters="\0\r", exclude_categories=("Cs",)), min_size=1))
def test_whatever_is_kept_is_read_again_as_it_was(
    tmp_path_factory: pytest.TempPathFactory, value: str
) -> None:
    file = tmp_path_factory.mktemp("kept") / ".env.local"
    keep(file, {"A": "first", "KEY": value, "Z": "last"})
    assert read(file) == {"A": "first", "KEY": value, "Z": "last"}
    # The library's own function agrees, which Flask and others call.
    assert dotenv_values(file, interpolate=False)["KEY"] == value


def test_git_and_the_image_leave_the_files_out() -> None:
    assert {".env", ".env.local"} <= set((_ROOT / ".gitignore").read_text().split())
    assert "**/.*" in (_ROOT / "service" / ".dockerignore").read_text().split()
