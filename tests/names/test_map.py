"""The map of docs/architecture.md answers a newcomer's questions by files that have what it says."""

import re
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.names.texts import ROOT

PAGE = ROOT / "docs" / "architecture.md"
# A word of each question that a newcomer asks first: the path of the health check, an alarm of one's own ...
QUESTIONS = (
    "the path of the health check",
    "alarm of your own",
    "largest body of a request",
    "503 under overload",
    "SQS queue",
    "default TLS policy",
    "90 days",
    "a blueprint",
    "column or table of the review",
    "`make why`",
    "autoscaler aims at",
    "how the drain",
)


class Row(NamedTuple):
    """One row of the map: what to change, which files to open, what to look for there."""

    change: str
    files: list[Path]
    names: list[str]


def rows() -> list[Row]:
    lines = re.findall(r"^\| (.*) \| (\[.*\)) \| (.*) \|$", PAGE.read_text(), re.MULTILINE)
    return [
        Row(
            change,
            [(PAGE.parent / link).resolve() for link in re.findall(r"\]\(([^)]+)\)", files)],
            re.findall(r"`([^`]+)`", names),
        )
        for change, files, names in lines
    ]


ROWS = rows()
# What stands in a room of the team is for the team to choose: there the file alone is held.
TEAM = [ROOT / "infra" / f"{name}.py" for name in ("environments", "additions", "accepted")]
KIT = [row for row in ROWS if not {*row.files} & {*TEAM} and "service/app" not in str(row.files[0])]


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_newcomers_question_is_answered_by_one_row(question: str) -> None:
    assert len([row for row in ROWS if question in row.change]) == 1


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.change)
def test_a_row_opens_one_or_two_files(row: Row) -> None:
    assert 1 <= len(row.files) <= 2
    assert [path for path in row.files if not path.is_file()] == []


@pytest.mark.parametrize("row", KIT, ids=lambda row: row.change)
def test_the_first_file_of_a_row_has_what_to_look_for(row: Row) -> None:
    text = row.files[0].read_text()
    assert [name for name in row.names if not re.search(rf"\b{name}\b", text)] == []
