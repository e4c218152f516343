"""Test the command `make rehearse`."""

import sys
from pathlib import Path

import pytest
from matplotlib.figure import Figure
from PIL import Image

from tools.rehearsal import __main__


def rehearse(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> None:
    monkeypatch.setattr(sys, "argv", ["rehearsal", *arguments])
    __main__.main()


def test_draws_a_picture_and_prints_a_table(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "new" / "crowd.png"
    rehearse(monkeypatch, "--environment", "prod", "--traffic", "flash-crowd", "--out", str(path))
    out = capsys.readouterr().out
    for label in ("time to recover", "requests beyond capacity", "cost of 10 tasks", f"drawn: {path}"):
        assert label in out
    with Image.open(path) as image:
        assert image.size == (1100, 1050)
        assert image.info["Title"].startswith("Does prod keep up with flash-crowd?")
    assert list(path.parent.iterdir()) == [path]


def test_rehearses_a_trace_of_your_own(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "monday.csv").write_text("seconds,rps\n0,10\n600,10\n")
    monkeypatch.chdir(tmp_path)
    rehearse(monkeypatch, "--traffic", "monday.csv", "--allow-beyond", "0")
    assert "Yes: no request is beyond capacity" in capsys.readouterr().out
    assert (tmp_path / ".local" / "rehearsal-prod-monday.png").exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--environment", "live"], "rehearsal: there is no environment 'live': choose one of dev"),
        (["--traffic", "tsunami"], "rehearsal: there is no traffic 'tsunami': choose one of steady, "),
        (["--traffic", "gone.csv"], "rehearsal: gone.csv: No such file"),
        (["--out", "/dev/null/x.png"], "rehearsal: cannot write /dev/null/x.png: "),
    ],
)
def test_says_in_one_line_what_is_not_possible(
    monkeypatch: pytest.MonkeyPatch, arguments: list[str], message: str
) -> None:
    with pytest.raises(SystemExit) as ended:
        rehearse(monkeypatch, *arguments)
    assert str(ended.value.code).startswith(message)
    assert "\n" not in str(ended.value.code)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--request-ms", "0"], "'0': expected a number above 0"),
        (["--cpu-ms", "few"], "'few': expected a number above 0"),
        (["--quiet-rps", "nan"], "'nan': expected a number above 0"),
        (["--start-s", "-1"], "'-1': expected seconds, 0 or more"),
        (["--allow-beyond", "101"], "'101': expected 0 to 100"),
        (["--out", "picture.jpg"], "'picture.jpg': expected a name that ends in .png"),
        (["--metric-period-s", "30"], "choose from 20, 60"),
    ],
)
def test_wrong_usage_ends_with_2_and_says_what_is_expected(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    message: str,
) -> None:
    with pytest.raises(SystemExit) as ended:
        rehearse(monkeypatch, *arguments)
    assert ended.value.code == 2
    assert message in capsys.readouterr().err


def test_more_beyond_capacity_than_allowed_ends_with_3(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        rehearse(
            monkeypatch, "--environment", "dev", "--allow-beyond", "0.1", "--out", str(tmp_path / "a.png")
        )
    assert ended.value.code == 3
    assert "% of requests are beyond capacity, --allow-beyond is 0.1" in capsys.readouterr().err


def test_a_picture_that_fails_leaves_nothing_and_keeps_the_old(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    path = tmp_path / "crowd.png"
    path.write_bytes(b"old")

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Figure, "savefig", full)
    with pytest.raises(SystemExit, match="No space left on device"):
        rehearse(monkeypatch, "--out", str(path))
    assert [each.name for each in tmp_path.iterdir()] == ["crowd.png"]
    assert path.read_bytes() == b"old"
