"""Play changes that take several deployments, there and back, at load and as the runbook says."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from infra.application import build_app
from infra.parameters import BlueGreen, Deployment, Environment, Rolling, Tasks
from tests.local_cloud.bare import bare
from tests.local_cloud.conftest import command
from tests.local_cloud.load import Load
from tools.local_cloud import cdk, running, up
from tools.local_cloud.running import Running
from tools.local_cloud.state import State

REGION = "eu-west-1"
# There and back: the deployment, and whether tasks speak TLS.
Step = tuple[Deployment, bool]
FROM_ROLLING: tuple[Step, ...] = (
    (Rolling(), False),
    (Rolling(alternate=True), False),
    (BlueGreen(bake_minutes=0), False),
    (Rolling(alternate=True), False),
    (Rolling(), False),
)
TO_TLS: tuple[Step, ...] = (
    (Rolling(), False),
    (Rolling(tls_change="prepare"), False),
    (Rolling(tls_change="move"), True),
    (Rolling(), True),
    (Rolling(tls_change="prepare"), True),
    (Rolling(tls_change="move"), False),
    (Rolling(), False),
)


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> Iterator[State]:
    """Start an emulator with a bootstrap."""
    state = State(tmp_path_factory.mktemp("strategy"))
    cdk.bootstrap(bare(state, REGION, runner=True).cloud)
    yield state
    command(state, "down")


def known(state: State) -> Running:
    return replace(running.required(state), region=REGION)


def synthesised(folder: Path, step: Step) -> Path:
    environment = Environment(
        name="dev",
        tasks=Tasks(min=2, max=3, cpu=256, memory_mib=512),
        deployment=step[0],
        tls_to_tasks=step[1],
        removal="destroy",
    )
    build_app(environment, outdir=str(folder)).synth()
    return folder


@pytest.mark.parametrize("steps", [FROM_ROLLING, TO_TLS], ids=["from rolling", "to TLS"])
def test_no_request_is_lost_there_and_back(state: State, tmp_path: Path, steps: tuple[Step, ...]) -> None:
    first, *others = (synthesised(tmp_path / str(number), step) for number, step in enumerate(steps))
    assert up.roll_out(state, known(state), first) == 0
    with Load(known(state).front_port) as load:
        for assembly in others:
            assert up.roll_out(state, known(state), assembly) == 0
    assert load.sent > 0
    assert load.failed == []
