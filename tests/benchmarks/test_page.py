"""Test that docs/performance.md, its pictures and README show the figures in benchmarks/results."""

import re

import pytest
from PIL import Image

from benchmarks import page
from benchmarks.comparison import Measure, measures
from benchmarks.drawing import Chart
from benchmarks.malformed import accepted
from benchmarks.recorded import NAMES, document


def test_the_pages_have_the_figures_of_the_results() -> None:
    for path, text in page.pages().items():
        assert path.read_text() == text, f"{path.name} is not current: run `make docs`"


@pytest.mark.parametrize("chart", page.CHARTS, ids=lambda chart: chart.name)
def test_a_picture_has_the_question_and_the_answer_of_the_results(chart: Chart) -> None:
    with Image.open(chart.path) as image:
        assert image.info["Title"] == chart.title(), f"{chart.path.name} is not current: run `make docs`"
    assert chart.question.endswith("?")
    assert f"images/{chart.path.name}" in page.PAGE.read_text()


@pytest.mark.parametrize("name", NAMES)
def test_results_are_of_a_whole_run_and_say_how_busy_the_machine_was(name: str) -> None:
    assert document(name)["quick"] is False
    assert {"cores", "load_before"} <= document(name)["machine"].keys()


def test_every_row_names_a_benchmark_that_can_be_run() -> None:
    for found in measures().values():
        assert {each.benchmark for each in found} <= set(NAMES)
    assert set(re.findall(r"BENCH=(\w+)", page.PAGE.read_text())) <= set(NAMES)


@pytest.mark.parametrize(
    ("dev", "ours", "more_is_better", "verdict"),
    [
        (200, 0, False, "**this**"),
        (0, 200, False, "development server"),
        (100, 110, True, "level"),
        (100, 200, True, "**this**"),
        (200, 100, True, "development server"),
        (None, 100, False, "**this**"),
        (100, None, False, "development server"),
        (0, 0, False, "level"),
    ],
)
def test_the_better_one_is_named_whoever_it_is(
    dev: float | None, ours: float | None, more_is_better: bool, verdict: str
) -> None:
    assert Measure("", "", dev, ours, more_is_better=more_is_better).better() == verdict


@pytest.mark.parametrize(
    ("answer", "count"),
    [
        (b"HTTP/1.1 200 OK\r\n\r\ndone", 1),
        (b"HTTP/1.1 200 OK\r\n\r\ndoneHTTP/1.1 200 OK\r\n\r\ndone", 2),
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", 0),
        (b"HTTP/1.1 400 Bad Request\r\n\r\nHTTP/1.1 200 OK\r\n\r\n", 1),
        (b"done", 1),
        (b"<html>400", 0),
        (b"", 0),
    ],
)
def test_answers_are_counted_also_without_a_head(answer: bytes, count: int) -> None:
    assert accepted(answer) == count
