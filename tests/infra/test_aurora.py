"""Test the database that grows with its load: what lets it pause, and which versions it may have."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any, get_args

import pytest
from aws_cdk.assertions import Match, Template
from pydantic import ValidationError

from infra.application import build_app
from infra.parameters import Aurora, DatabaseBudget, Environment, Postgres, Tasks, explain
from tests.infra.kit_checkout import OFFLINE, ROOT

FEW = Tasks(max=2, threads=4)
PAUSING = Aurora(min_acu=0, max_acu=1, pool_size=0, multi_az=False)
VERSIONS = """
import sys
from aws_cdk import aws_rds
from infra.application import build_app
from infra.data import aurora
from infra.parameters import Aurora, Environment, Postgres, Tasks
out, unknown = sys.argv[1:]
if unknown:
    aurora._VERSIONS["18"] = aws_rds.AuroraPostgresEngineVersion.of(unknown, "18")
databases = [kind(version=version) for kind in (Aurora, Postgres) for version in ("17", "18")]
build_app(
    *(
        Environment(name=f"at-{at}", database=each, tasks=Tasks(max=2, threads=4))
        for at, each in enumerate(databases if not unknown else [Aurora(version="18")])
    ),
    outdir=out,
).synth()
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Synthesise one that pauses, and one that is kept and grows."""
    folder = tmp_path_factory.mktemp("out")
    build_app(
        Environment(name="pausing", database=PAUSING, tasks=FEW, longest_request_s=45, removal="destroy"),
        Environment(name="growing", database=Aurora(min_acu=1, max_acu=8), tasks=FEW),
        outdir=str(folder),
    ).synth()
    return {
        path.name.partition(".")[0]: json.loads(path.read_text()) for path in folder.glob("*.template.json")
    }


def template(made: dict[str, Any], name: str) -> Template:
    return Template.from_json(made[name])


def refusal(database: Aurora, **values: Any) -> str:
    with pytest.raises(ValidationError) as caught:
        Environment(name="test", **{"database": database, "tasks": FEW, "longest_request_s": 45, **values})
    return explain(caught.value)


def synthesised(folder: Path, unknown: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", VERSIONS, str(folder), unknown],
        cwd=ROOT,
        env={**OFFLINE, "CDK_VALIDATION": "true", "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_cdks_own_validator_takes_every_version_that_is_offered(tmp_path: Path) -> None:
    for kind in (Aurora, Postgres):
        assert get_args(kind.model_fields["version"].annotation) == ("17", "18")
    done = synthesised(tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr


def test_cdks_own_validator_refuses_a_version_that_rds_has_not(tmp_path: Path) -> None:
    done = synthesised(tmp_path, "18.99")
    assert done.returncode != 0
    assert "18.99" in done.stdout + done.stderr


def test_it_pauses_when_nobody_was_connected_for_five_minutes(made: dict[str, Any]) -> None:
    template(made, "Data-pausing").has_resource_properties(
        "AWS::RDS::DBCluster",
        {
            "ServerlessV2ScalingConfiguration": {
                "MinCapacity": 0,
                "MaxCapacity": 1,
                "SecondsUntilAutoPause": 300,
            }
        },
    )


def test_one_that_does_not_pause_has_no_time_after_which_it_would(made: dict[str, Any]) -> None:
    template(made, "Data-growing").has_resource_properties(
        "AWS::RDS::DBCluster",
        {"ServerlessV2ScalingConfiguration": {"SecondsUntilAutoPause": Match.absent()}},
    )


def test_who_wakes_it_up_waits_longer_than_it_takes(made: dict[str, Any]) -> None:
    def told(name: str) -> set[tuple[str, Any]]:
        return {
            (each["Name"], each["Value"])
            for resource in made[name]["Resources"].values()
            if resource["Type"] == "AWS::ECS::TaskDefinition"
            for container in resource["Properties"]["ContainerDefinitions"]
            for each in container.get("Environment", [])
            if isinstance(each["Value"], str)
        }

    assert ("DATABASE_CONNECT_TIMEOUT_S", "35") in told("Web-pausing")
    assert not {value for name, value in told("Web-growing") if name == "DATABASE_CONNECT_TIMEOUT_S"}


def test_a_second_instance_is_in_another_zone_and_as_large(made: dict[str, Any]) -> None:
    template(made, "Data-growing").resource_count_is("AWS::RDS::DBInstance", 2)
    template(made, "Data-growing").all_resources_properties(
        "AWS::RDS::DBInstance",
        {"DBInstanceClass": "db.serverless", "PromotionTier": Match.any_value(), "PubliclyAccessible": False},
    )
    template(made, "Data-pausing").resource_count_is("AWS::RDS::DBInstance", 1)


def test_it_is_protected_where_it_is_kept_and_leaves_a_snapshot_where_not(made: dict[str, Any]) -> None:
    template(made, "Data-growing").has_resource(
        "AWS::RDS::DBCluster",
        {"DeletionPolicy": "RetainExceptOnCreate", "Properties": {"DeletionProtection": True}},
    )
    template(made, "Data-pausing").has_resource("AWS::RDS::DBCluster", {"DeletionPolicy": "Snapshot"})


def test_it_speaks_tls_alone_and_is_told_its_connections(made: dict[str, Any]) -> None:
    template(made, "Data-growing").has_resource_properties(
        "AWS::RDS::DBClusterParameterGroup",
        {"Parameters": {"rds.force_ssl": "1", "max_connections": "1280"}},
    )


@pytest.mark.parametrize(
    ("acu", "connections"), [((0.5, 1), 160), ((0.5, 256), 2000), ((1, 16), 2560), ((1, 256), 5000)]
)
def test_it_counts_on_no_more_connections_than_aurora_allows(
    acu: tuple[float, float], connections: int
) -> None:
    assert Aurora(min_acu=acu[0], max_acu=acu[1]).max_connections == connections


def test_what_may_pause_is_asked_to_keep_no_connection() -> None:
    said = refusal(Aurora(min_acu=0))
    assert "while a worker keeps a connection open it never pauses" in said
    assert "set database.pool_size=0, and have the app keep none (poolclass=NullPool)" in said


def test_a_request_that_ends_before_the_database_is_awake_is_refused() -> None:
    assert "who wakes it up waits for up to 35 s, but longest_request_s is 39" in refusal(
        PAUSING, longest_request_s=39
    )
    assert Environment(name="test", database=PAUSING, tasks=FEW, longest_request_s=40)


@pytest.mark.parametrize(
    ("database", "said"),
    [
        (Aurora(min_acu=8, max_acu=4), "database.min_acu is 8, above database.max_acu (4): lower it"),
        (Aurora(pause_after_s=600), "with database.min_acu 0.5 it never pauses"),
        (Aurora(max_acu=1, pool_size=100), "raise database.max_acu"),
    ],
)
def test_capacities_that_contradict_each_other_are_refused(database: Aurora, said: str) -> None:
    assert said in refusal(database)


@pytest.mark.parametrize("value", [0.3, -0.5, 257])
def test_a_capacity_that_aurora_has_not_is_refused(value: float) -> None:
    with pytest.raises(ValidationError):
        Aurora(max_acu=256, min_acu=value)


def test_no_other_database_may_have_a_pool_of_nothing() -> None:
    with pytest.raises(ValidationError, match="pool_size"):
        Postgres(pool_size=0)
    with pytest.raises(ValidationError, match="pool_size"):
        DatabaseBudget(max_connections=9, pool_size=0)
