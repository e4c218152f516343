"""Keep the tests from waiting for AWS, whose answers are recorded, and let a person be at the terminal."""

import pytest

from tools.operate import consent, run_task, waiting


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make every wait end at once, so that the commands ask again without a pause."""
    monkeypatch.setattr(waiting, "POLL_S", 0.0)
    monkeypatch.setattr(run_task, "_LAST_LINES_S", 0.0)


@pytest.fixture(autouse=True)
def a_person(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a person be at a terminal, unless a test says otherwise."""
    monkeypatch.setattr(consent, "a_person_is_here", lambda: True)
