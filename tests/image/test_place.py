"""Test the service's image as an instance of Cloud Run, by the manifest that would be deployed."""

import pytest

from tests.image.runs import Run

FAULTS = {
    "probes": "it listens on 127.0.0.1 alone, where probes of Cloud Run do not reach it",
    "exit code": "container 'web' ignores SIGTERM and is killed (137)",
    "stop timeout": "container 'web' is still there 10 s after SIGTERM",
}


def test_the_service_passes(runs: dict[str, Run]) -> None:
    run = runs["google"]
    assert run.code in (0, 1), run.out
    assert [name for name, ok in run.checks.items() if not ok and name != "architecture"] == [], run.out
    assert {"probes", "memory", "requests in flight"} <= run.checks.keys()
    assert not {"capabilities", "root file system"} & run.checks.keys()


@pytest.mark.parametrize("fault", FAULTS)
def test_what_cloud_run_does_not_allow_is_named(runs: dict[str, Run], fault: str) -> None:
    run = runs["hidden"]
    assert run.code == 1, run.out
    assert FAULTS[fault] in run.found(fault), run.out
    assert "would fail on Cloud Run" in run.out
