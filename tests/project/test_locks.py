"""Test that the image installs what the team asks for."""

from tests.project.conftest import ROOT
from tools.locks import stale


def test_the_lock_is_made_of_what_the_app_asks_for_now() -> None:
    assert stale(ROOT / "service") == ""
