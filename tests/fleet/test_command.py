"""Test the rehearsal on paper, and the command that deploys all members."""

from typing import Any

import pytest

from infra.parameters import ExistingDatabase, HealthCheck
from tests.infra.test_fleet import DATABASE, EU, US, fleet, member
from tools.fleet import __main__ as command
from tools.fleet import paper


def test_at_a_failover_the_other_answers_all() -> None:
    found = {case.fails: case for case in paper.cases(fleet(routing="failover"))}
    assert found["nobody"].answers == {"prod-eu": "prod-eu", "prod-us": "prod-eu"}
    assert found["prod-eu"].answers == {"prod-eu": "prod-us", "prod-us": "prod-us"}
    assert found["prod-us"].answers == found["nobody"].answers


def test_each_is_answered_from_where_they_are_until_that_fails() -> None:
    found = {case.fails: case.answers for case in paper.cases(fleet())}
    assert found["nobody"] == {"prod-eu": "prod-eu", "prod-us": "prod-us"}
    assert found["prod-us"] == {"prod-eu": "prod-eu", "prod-us": "prod-eu"}


def test_a_share_goes_to_those_that_are_left() -> None:
    of = fleet(EU, US, member("ap-south-1"), routing="weighted", weights=(50, 25, 25))
    found = {case.fails: case.answers["prod-eu"] for case in paper.cases(of)}
    assert found["prod-eu"] == "prod-us 50 %, prod-ap 50 %"


@pytest.mark.parametrize(
    ("check", "seconds"),
    [
        # The load balancer's targets are seen first: 3 x 10 s, and 60 s until resolvers ask again.
        (HealthCheck(interval_s=10, unhealthy_count=3), 90),
        # Route 53's own check is: 3 x 30 s.
        (HealthCheck(interval_s=60, unhealthy_count=5), 150),
    ],
)
def test_a_failure_is_noticed_by_whoever_sees_it_first(check: HealthCheck, seconds: int) -> None:
    eu = EU.model_copy(update={"health_check": check})
    assert [case.within_s for case in paper.cases(fleet(eu, US)) if case.fails == "prod-eu"] == [seconds]


def test_the_rehearsal_says_what_is_lost_of_the_data() -> None:
    assert "No database" in paper.of_the_data(fleet())
    database = ExistingDatabase(host="shop.global-1.rds.example", **DATABASE)
    eu, us = member(database=database), member("us-east-1", database=database)
    assert "All members write to shop.global-1.rds.example" in paper.of_the_data(fleet(eu, us))


@pytest.fixture
def deployed(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """Return what is run of tools.operate, all of which succeeds, for a fleet that bakes for no time."""
    monkeypatch.setattr("tools.environments.FLEETS", (fleet(bake_minutes=0),))
    ran: list[list[str]] = []

    def operate(words: list[str], **_: Any) -> int:
        ran.append(list(words))
        return 0

    monkeypatch.setattr(command, "_operate", operate)
    return ran


def test_a_fleet_is_deployed_by_its_name(deployed: list[list[str]]) -> None:
    assert command.main(["deploy", "prod", "--accept"]) == 0
    assert deployed == [["deploy", "prod-eu", "--accept"], ["deploy", "prod-us", "--accept"]]


def test_the_local_cloud_holds_no_fleet(
    deployed: list[list[str]], capsys: pytest.CaptureFixture[str]
) -> None:
    assert command.main(["deploy", "prod", "--local"]) == 1
    assert deployed == []
    assert "one environment at a time" in capsys.readouterr().err


@pytest.mark.usefixtures("deployed")
def test_an_unknown_fleet_is_told_with_those_there_are(capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["rehearse", "dev"]) == 1
    assert "there is no fleet 'dev': there is prod" in capsys.readouterr().err


@pytest.mark.usefixtures("deployed")
def test_the_rehearsal_is_a_table(capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["rehearse", "prod"]) == 0
    shown = capsys.readouterr().out
    assert "www.test.dev: latency" in shown
    assert "prod-us" in shown
