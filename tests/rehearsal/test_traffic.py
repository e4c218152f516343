"""Test the named shapes of traffic, and traces read from files."""

from pathlib import Path

import pytest

from tools.rehearsal.traffic import SHAPES, TrafficError, read_csv, shape


def trace_of(tmp_path: Path, text: str) -> list[float]:
    path = tmp_path / "trace.csv"
    path.write_text(text)
    return read_csv(path)


def test_points_are_joined_by_straight_lines() -> None:
    doubled = shape("double-in-a-minute", quiet_rps=10)
    assert len(doubled) == 3600
    assert doubled[:631] == [10.0] * 631
    assert doubled[660] == pytest.approx(15)
    assert doubled[690:] == pytest.approx([20.0] * (3600 - 690))


@pytest.mark.parametrize(
    ("name", "hours", "most"),
    [("steady", 1, 1), ("double-in-a-minute", 1, 2), ("flash-crowd", 1.5, 10), ("daily-wave", 24, 8)],
)
def test_each_shape_has_its_length_and_its_peak(name: str, hours: float, most: float) -> None:
    trace = shape(name, quiet_rps=1)
    assert len(trace) == hours * 3600
    assert max(trace) == pytest.approx(most)
    assert min(trace) == pytest.approx(1)


def test_all_shapes_are_tested_here() -> None:
    assert set(SHAPES) == {"steady", "double-in-a-minute", "flash-crowd", "daily-wave"}


def test_reads_a_trace_with_a_heading_from_its_first_second(tmp_path: Path) -> None:
    assert trace_of(tmp_path, "seconds,rps\n100,10\n104,30\n") == [10, 15, 20, 25]


def test_reads_a_trace_without_a_heading_and_skips_empty_lines(tmp_path: Path) -> None:
    assert trace_of(tmp_path, "0,1\n\n2,1\n") == [1, 1]


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (
            "0,1\n60\n",
            r"line 2: '60': expected two numbers, seconds and requests per second, such as 60,12.5",
        ),
        ("0,1\n60,many\n", r"line 2: '60,many': expected two numbers"),
        ("0,1\n60,nan\n", r"line 2: '60,nan': expected two numbers"),
        ("s,rps\n0,1\n0,2\n", r"line 3: second 0 after second 0: expected a later one"),
        ("0,1\n60,-2\n", r"line 2: -2 requests per second: expected 0 or more"),
        ("0,1\n700000,2\n", r"line 2: second 700000: expected at most 7 days"),
        ("0,1\n", r"trace.csv: 1 point is no trace: expected two numbers"),
        ("", r"trace.csv: 0 points are no trace"),
    ],
)
def test_says_which_line_is_wrong_and_what_is_expected(tmp_path: Path, text: str, complaint: str) -> None:
    with pytest.raises(TrafficError, match=complaint):
        trace_of(tmp_path, text)


def test_says_what_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(TrafficError, match=r"gone.csv: No such file"):
        read_csv(tmp_path / "gone.csv")
    binary = tmp_path / "binary.csv"
    binary.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(TrafficError, match=r"binary.csv: not a CSV file in UTF-8"):
        read_csv(binary)
