"""Test that the connections a database admits bound the tasks that the autoscaler may add."""

from typing import Any

import pytest
from pydantic import ValidationError

from infra.parameters import DatabaseBudget, Environment, ScalingTargets, Schedule, Tasks, explain


def environment(
    *, max_connections: int, pool_size: int | None = 5, reserved: int = 0, **changes: Any
) -> Environment:
    """Return an environment of up to ten tasks with two workers of 16 threads each."""
    database = DatabaseBudget(max_connections=max_connections, pool_size=pool_size, reserved=reserved)
    return Environment(name="test", database=database, **{"tasks": Tasks(max=10), **changes})


def refusal(**values: Any) -> str:
    with pytest.raises(ValidationError) as caught:
        environment(**values)
    return explain(caught.value)


def test_twice_the_tasks_fit_a_deployment() -> None:
    assert environment(max_connections=200).database


def test_one_connection_less_fails_the_deployment_and_says_so() -> None:
    said = refusal(max_connections=199)
    assert "10 tasks x 2 workers x a pool of 5 are 100 connections, and 200 during a deployment" in said
    assert "runs old and new tasks side by side, so at the peak new tasks could not connect" in said
    assert "lower tasks.max to 9, raise max_connections, or put a pooler such as RDS Proxy in between" in said


def test_fewer_than_all_tasks_need_fail_without_a_deployment() -> None:
    assert "with all tasks running, the last of them could not connect" in refusal(max_connections=99)


def test_a_pool_has_as_many_as_the_worker_has_threads_unless_it_is_told() -> None:
    assert "x a pool of 16 are 320 connections" in refusal(max_connections=100, pool_size=None)
    assert environment(max_connections=640, pool_size=None).database


def test_what_is_left_for_others_is_not_the_tasks() -> None:
    assert "database.max_connections is 200, 1 of them reserved" in refusal(max_connections=200, reserved=1)
    assert environment(max_connections=201, reserved=1).database


def test_a_schedule_may_ask_for_more_tasks_than_tasks_max() -> None:
    rush = Schedule(name="rush", cron="0 8 ? * MON-FRI *", min=11, max=11)
    assert "11 tasks" in refusal(max_connections=200, scaling=ScalingTargets(schedules=(rush,)))


def test_where_not_one_task_fits_the_pool_is_to_blame() -> None:
    assert "lower tasks.workers or database.pool_size" in refusal(max_connections=19)


def test_where_one_task_fits_one_is_what_it_names() -> None:
    assert "lower tasks.max to 1, raise" in refusal(max_connections=20)


def test_all_tasks_may_use_all_connections_but_then_no_deployment_can() -> None:
    said = refusal(max_connections=100)
    assert "a deployment runs old and new tasks side by side" in said
    assert "with all tasks running" not in said


def test_more_reserved_than_admitted_leaves_none() -> None:
    assert "lower tasks.workers or database.pool_size" in refusal(max_connections=100, reserved=200)


def test_the_number_it_names_fits() -> None:
    assert environment(max_connections=199, tasks=Tasks(max=9)).database
