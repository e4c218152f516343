"""Test which tasks are started and stopped next, without any process."""

from dataclasses import replace

from tools.local_cloud.runner.deployed import Balanced, HealthCheck, Service
from tools.local_cloud.runner.scheduling import Seen, plan

CHECK = HealthCheck(protocol="HTTP", path="/", codes="200", interval_s=10, timeout_s=5, unhealthy_threshold=3)
SERVICE = Service(
    arn="service",
    cluster="cluster",
    name="web",
    desired=2,
    definition="definition",
    deployment="new",
    rollout="IN_PROGRESS",
    zones=("a", "b"),
    minimum_percent=100,
    maximum_percent=200,
    breaker=True,
    failures_allowed=3,
    grace_s=60,
    balanced=Balanced(target_group="group", container="web", port=8000, drain_s=30, check=CHECK),
)


def _task(name: str, deployment: str = "new", zone: str = "a", *, healthy: bool = True) -> Seen:
    return Seen(id=name, deployment=deployment, zone=zone, healthy=healthy, started_s=float(ord(name[0])))


def test_an_empty_service_starts_its_desired_count_across_zones() -> None:
    step = plan(SERVICE, [], leaving=0, may_start=True)
    assert (sorted(step.start), step.stop) == (["a", "b"], ())


def test_a_new_zone_is_chosen_where_fewest_tasks_run() -> None:
    assert plan(SERVICE, [_task("x", zone="a")], leaving=0, may_start=True).start == ("b",)


def test_a_deployment_starts_all_new_tasks_before_it_stops_an_old_one() -> None:
    step = plan(SERVICE, [_task("x", "old"), _task("y", "old")], leaving=0, may_start=True)
    assert (len(step.start), step.stop) == (2, ())


def test_an_old_task_stops_for_each_new_one_that_is_healthy() -> None:
    tasks = [_task("x", "old"), _task("y", "old"), _task("z"), _task("w", healthy=False)]
    assert plan(SERVICE, tasks, leaving=0, may_start=True).stop == ("x",)


def test_an_old_task_that_serves_nobody_stops_at_once() -> None:
    tasks = [_task("x", "old", healthy=False), _task("y", "old")]
    assert plan(SERVICE, tasks, leaving=0, may_start=True).stop == ("x",)


def test_without_room_above_the_desired_count_old_tasks_stop_down_to_the_minimum() -> None:
    service = replace(SERVICE, minimum_percent=50, maximum_percent=100)
    step = plan(service, [_task("x", "old"), _task("y", "old")], leaving=0, may_start=True)
    assert (step.start, step.stop) == ((), ("x",))


def test_tasks_that_drain_use_up_room() -> None:
    service = replace(SERVICE, maximum_percent=150)
    assert plan(service, [_task("x", "old")], leaving=2, may_start=True).start == ()


def test_scaling_in_takes_the_youngest_task_of_the_fullest_zone() -> None:
    tasks = [_task("x", zone="a"), _task("y", zone="a"), _task("z", zone="b")]
    assert plan(SERVICE, tasks, leaving=0, may_start=True).stop == ("y",)


def test_scaling_in_prefers_a_task_that_is_not_healthy() -> None:
    tasks = [_task("x", healthy=False), _task("y"), _task("z", zone="b")]
    assert plan(SERVICE, tasks, leaving=0, may_start=True).stop == ("x",)


def test_a_failed_deployment_starts_nothing_and_stops_no_old_task() -> None:
    step = plan(SERVICE, [_task("x", "old"), _task("y", "old")], leaving=0, may_start=False)
    assert (step.start, step.stop) == ((), ())
