"""Test the real checkov, which has its own virtual environment, on environments that choose differently."""

from pathlib import Path

from infra.application import build_app
from tests.infra.choices import DIFFERENT
from tools.accepted import by_choice
from tools.checkov.__main__ import errors, failed_checks


def test_every_choice_satisfies_checkov_or_is_accepted(tmp_path: Path) -> None:
    build_app(*DIFFERENT, outdir=str(tmp_path)).synth()
    kit = [accepted for environment in DIFFERENT for accepted in by_choice(environment)]
    assert list(errors(failed_checks(tmp_path), kit=kit, team=())) == []
