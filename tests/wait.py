"""Wait for a condition, never for a fixed time."""

import time
from collections.abc import Callable
from typing import TypeVar

import pytest

T = TypeVar("T")


def wait_for(condition: Callable[[], T], what: str, *, within_s: float = 30) -> T:
    """Return the condition's first true value; fail the test when there is none in time."""
    ends_at = time.monotonic() + within_s
    while not (value := condition()):
        if time.monotonic() > ends_at:
            pytest.fail(f"{what} did not happen within {within_s} s")
        time.sleep(0.02)
    return value
