"""Test that what was measured, and is shown in the docs, is as near to what was foretold as they say."""

import json
from typing import Any

import pytest

from workshop.scale_measured import RESULT

MEASURED = json.loads(RESULT.read_text())
KNEE = MEASURED["knee"][0]
UP_TO_THE_KNEE = [row for row in MEASURED["rows"] if row["asked"] <= KNEE]


def test_the_knee_was_foretold_within_20_percent() -> None:
    assert abs(MEASURED["knee"][2]) <= 20
    assert len(UP_TO_THE_KNEE) >= 5
    assert any(row["asked"] > KNEE for row in MEASURED["rows"])


@pytest.mark.parametrize("row", UP_TO_THE_KNEE, ids=lambda row: f"{row['asked']:g} a second")
def test_busy_threads_and_p95_were_foretold_within_20_percent_up_to_the_knee(row: dict[str, Any]) -> None:
    assert abs(row["busy"][2]) <= 20
    assert abs(row["p95"][2]) <= 20
