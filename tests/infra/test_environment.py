from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from infra.parameters import Domain, Environment, Parameters, ProxyKind, Sidecar, Tasks, Timeouts, explain


def mistakes(model: type[Parameters] = Environment, **values: object) -> str:
    with pytest.raises(ValidationError) as caught:
        model.model_validate(values)
    return explain(caught.value)


def test_rejects_an_unknown_field_and_names_the_close_one() -> None:
    assert "there is no field 'reigon': did you mean 'region'?" in mistakes(name="dev", reigon="eu-west-1")


def test_rejects_an_unknown_field_and_lists_the_fields_where_none_is_close() -> None:
    assert "there is no field 'xyz': the fields are name, account, region" in mistakes(name="dev", xyz=1)


def test_rejects_a_wrong_type_and_shows_the_value() -> None:
    assert "Environment.region: Input should be a valid string, but 3 was given" in mistakes(
        name="dev", region=3
    )


def test_rejects_an_account_that_is_not_12_digits() -> None:
    assert "Environment.account: must be 12 digits, but '12' was given" in mistakes(name="dev", account="12")


@pytest.mark.parametrize("longest_request_s", [5, 120])
def test_takes_the_shortest_and_the_longest_request(longest_request_s: int) -> None:
    assert Environment(name="dev", longest_request_s=longest_request_s).timeouts.deregistration_delay_s in (
        5,
        120,
    )


@pytest.mark.parametrize("longest_request_s", [0, 4, 121, 300])
def test_rejects_a_longest_request_out_of_range(longest_request_s: int) -> None:
    message = mistakes(name="dev", longest_request_s=longest_request_s)
    assert "must be 5 to 120" in message
    assert f"but {longest_request_s} was given" in message


def test_rejects_spot_with_a_drain_longer_than_its_warning() -> None:
    message = mistakes(name="dev", longest_request_s=60, tasks={"spot": "always"})
    assert "longest_request_s is 60 and tasks.spot is 'always'" in message
    # https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-capacity-providers.html
    assert "a Spot task has 120 s to drain and stop" in message
    assert "longest_request_s to 56 or less" in message


def test_timeouts_are_for_thirty_seconds_unless_asked() -> None:
    assert Environment(name="dev").timeouts == Timeouts() == Timeouts(longest_request_s=30)


def test_allows_a_long_drain_without_spot() -> None:
    assert Environment(name="dev", longest_request_s=120).timeouts.deregistration_delay_s == 120


def test_rejects_zones_of_another_region_and_shows_what_zones_look_like() -> None:
    message = mistakes(name="dev", region="us-east-1")
    assert "eu-west-1a, eu-west-1b are not in region 'us-east-1': use zones such as us-east-1a" in message


def test_rejects_half_a_zone() -> None:
    message = mistakes(Domain, name="app.example.com", hosted_zone_id="Z1")
    assert "hosted_zone_id (Z1) and hosted_zone_name (None) go together" in message


def test_rejects_a_domain_outside_its_zone() -> None:
    message = mistakes(Domain, name="app.example.com", hosted_zone_id="Z1", hosted_zone_name="example.org")
    assert "has 'app.example.com', which is not in hosted_zone_name 'example.org'" in message


def test_rejects_an_alias_outside_the_zone() -> None:
    zone: dict[str, Any] = {"hosted_zone_id": "Z1", "hosted_zone_name": "example.org"}
    message = mistakes(Domain, name="app.example.org", aliases=("app.example.com",), **zone)
    assert "has 'app.example.com', which is not in hosted_zone_name 'example.org'" in message


def test_rejects_a_retention_that_cloudwatch_does_not_offer() -> None:
    assert "1, 3, 5, 7, 14, 30" in mistakes(name="dev", log_days=6)


def test_an_environment_cannot_be_changed_after_it_was_checked() -> None:
    environment = Environment(name="dev")
    with pytest.raises(ValidationError):
        setattr(environment, "longest_request_s", 300)  # noqa: B010 (mypy knows that it is frozen)


def test_a_mistake_is_told_with_the_line_that_has_it() -> None:
    with pytest.raises(ValidationError) as caught:
        Environment(name="Dev")
    assert explain(caught.value).startswith("tests/infra/test_environment.py:")


def test_a_release_command_has_no_empty_words() -> None:
    assert Environment(name="dev", release_command=("a", "b")).release_command == ("a", "b")
    assert "Environment.release_command.1: String should have at least 1 character" in mistakes(
        name="dev", release_command=("a", "")
    )


def with_agent(mib: int, **values: Any) -> dict[str, Any]:
    return {"name": "dev", "sidecars": (Sidecar(name="agent", image="agent:1", memory_mib=mib),), **values}


def test_all_containers_may_fill_the_memory_but_not_exceed_it() -> None:
    full = with_agent(1024 - 520 - 32 - 100, trace_percent=5)
    assert Environment(**full).tasks.needed_mib() == 520
    assert (
        "proxy is 'nginx' and needs 32 MiB, trace_percent 5 100 MiB, sidecars 373 MiB "
        "beside Gunicorn's 520 MiB with max_body_mib 10, but tasks.memory_mib is 1024: raise it"
    ) in mistakes(**with_agent(373, trace_percent=5))


def test_containers_that_are_not_there_take_no_memory_and_are_not_blamed() -> None:
    assert Environment(name="dev", proxy="apache", tasks=Tasks(worker_mib=288)).proxy == "apache"
    assert "needs 128 MiB beside Gunicorn's 898 MiB" in mistakes(
        name="dev", proxy="apache", tasks=Tasks(worker_mib=289)
    )


def test_proxies_are_planned_as_the_page_of_the_lifecycle_says() -> None:
    page = Path(__file__).resolve().parents[2] / "docs" / "lifecycle.md"
    (row,) = (line for line in page.read_text().splitlines() if line.startswith("| memory to plan for it |"))
    planned = [cell.removesuffix(" MiB ").strip() for cell in row.split("|")[2:4]]
    kinds: tuple[ProxyKind, ...] = ("nginx", "apache")
    for kind, mib in zip(kinds, planned, strict=True):
        assert f"proxy is '{kind}' and needs {mib} MiB," in mistakes(**with_agent(900, proxy=kind))
