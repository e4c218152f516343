"""Test that an Aurora of the local cloud answers: a real PostgreSQL, by the login that RDS would make."""

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from infra.application import build_app
from infra.parameters import Aurora, Tasks
from tests.environments import DEV
from tests.local_cloud.bare import bare
from tests.local_cloud.conftest import command
from tools.local_cloud import cdk, database
from tools.local_cloud.running import Running
from tools.local_cloud.state import REPOSITORY, State

# As `make up` does, in a process that the database outlives.
_START = """
import sys; from pathlib import Path; from tools.local_cloud import database, running
from tools.local_cloud.state import REPOSITORY, State
state, assembly = State(Path(sys.argv[1])), Path(sys.argv[2])
database.ensure(state, running.recorded(state), assembly)
"""


@dataclass(frozen=True)
class Cloud:
    """An emulator with the data of an environment, and nothing else."""

    known: Running

    @property
    def outputs(self) -> list[str]:
        [stack] = self.known.cloud.client("cloudformation").describe_stacks(StackName="Data-dev")["Stacks"]
        return [str(each["OutputValue"]) for each in stack["Outputs"]]

    @property
    def cluster(self) -> dict[str, Any]:
        [found] = self.known.cloud.client("rds").describe_db_clusters()["DBClusters"]
        return dict(found)


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    """Deploy `Data-dev` with an Aurora that pauses."""
    state = State(tmp_path_factory.mktemp("aurora") / "state")
    assembly = tmp_path_factory.mktemp("assembly")
    pausing = Aurora(min_acu=0, max_acu=1, pool_size=0, multi_az=False, pause_after_s=600)
    changes = {"database": pausing, "tasks": Tasks(max=2, threads=4), "longest_request_s": 45}
    build_app(DEV.model_copy(update=changes), outdir=str(assembly)).synth()
    known = bare(state, DEV.region, runner=False)
    subprocess.run([sys.executable, "-c", _START, state.folder, assembly], cwd=REPOSITORY, check=True)
    cdk.bootstrap(known.cloud)
    assert cdk.deploy(known.cloud, assembly, "Data-dev")
    yield Cloud(known)
    known.emulator.kill()
    assert command(state, "down").returncode == 0


def test_the_login_that_rds_makes_opens_the_database_where_the_service_is_told(cloud: Cloud) -> None:
    [secret] = [each for each in cloud.outputs if ":secret:rds!cluster-" in each]
    [port] = [each for each in cloud.outputs if each.isdigit()]
    assert "127.0.0.1" in cloud.outputs
    vault = cloud.known.cloud.client("secretsmanager")
    login = json.loads(vault.get_secret_value(SecretId=secret)["SecretString"])
    place = ["--host", "127.0.0.1", "--port", port, "--username", login["username"]]
    asked = subprocess.run(
        [database.program("psql"), *place, "--tuples-only", "--command", "SELECT current_database()", "app"],
        env={"PATH": str(Path(database.program("psql")).parent), "PGPASSWORD": login["password"]},
        capture_output=True,
        text=True,
        check=True,
    )
    assert asked.stdout.strip() == "app"


def test_the_cluster_says_when_it_would_pause(cloud: Cloud) -> None:
    assert cloud.cluster["ServerlessV2ScalingConfiguration"] == {
        "MinCapacity": 0.0,
        "MaxCapacity": 1.0,
        "SecondsUntilAutoPause": 600,
    }
