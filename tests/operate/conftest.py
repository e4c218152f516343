"""Keep the tests from waiting for AWS, whose answers are recorded."""

import pytest

from tools.operate import run_task, waiting


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make every wait end at once, so that the commands ask again without a pause."""
    monkeypatch.setattr(waiting, "POLL_S", 0.0)
    monkeypatch.setattr(run_task, "_LAST_LINES_S", 0.0)
