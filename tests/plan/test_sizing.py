"""Test the model of a plan against arithmetic that fits into a comment, and against the rehearsal."""

from dataclasses import asdict, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.parameters import Aurora
from tests.plan.parts import APP, CPU_60, a_place
from tests.rehearsal.parts import policies, service
from tools.plan.app import App
from tools.plan.bill import bill, usd_a_month
from tools.plan.limits import hits, limits
from tools.plan.place import Place, instance_for, units_for
from tools.plan.sizing import launch_s, size
from tools.rehearsal.policies import TargetTracking
from tools.rehearsal.simulation import simulate
from tools.rehearsal.task import Task


def at(place: Place, name: str) -> float:
    """Return the load at which a limit is hit."""
    [found] = [hit.rps for hit in hits(place, APP) if hit.limit.name == name]
    return found


def test_so_many_tasks_that_each_is_at_its_target() -> None:
    # 6,000 / 30 = 200, each of half a vCPU and 1 GiB; a deployment runs twice as many.
    found = size(a_place(), APP, 6000)
    assert (found.tasks, found.vcpu, found.memory_gib, found.deploying) == (200, 100, 200, 400)
    assert size(a_place(), APP, 1).tasks == 2


def test_busy_threads_are_rate_times_request_time() -> None:
    # 600 x 0.2 s = 120 of 20 tasks x 32.
    found = size(a_place(), APP, 600)
    assert found.busy_threads == pytest.approx(120)
    assert found.threads == 640


def test_tasks_are_spread_over_the_subnets_and_twice_as_many_while_deploying() -> None:
    # 2 x 20 tasks over two subnets. 4,091 addresses in each are 4,091 tasks, x 30 requests/s.
    assert size(a_place(), APP, 600).addresses_per_subnet == 20
    assert at(a_place(), "addresses of a subnet, deploying") == pytest.approx(122_730, rel=1e-5)


def test_spot_is_what_is_above_the_fewest_tasks() -> None:
    # 40 tasks of half a vCPU, 2 x 2 of them on demand; 6 vCPUs of Spot are (12 + 4) / 2 tasks.
    found = size(a_place(), APP, 600)
    assert (found.on_demand_vcpu, found.spot_vcpu) == (2, 18)
    assert at(a_place(), "Spot vCPUs of Fargate, deploying") == pytest.approx(240, rel=1e-5)
    assert at(a_place(spot="never"), "on-demand vCPUs of Fargate, deploying") == pytest.approx(180, rel=1e-5)


@pytest.mark.parametrize(
    ("answer_bytes", "per_connection", "lcu"),
    [
        (1000, 10, 4),  # 100 new connections/s / 25; 6,000 open / 3,000 = 2; 3.6 GB/h
        (10_000, 10, 36),  # 1,000 x 10 kB x 3,600 s = 36 GB/h
        (1000, 1000, 3.6),  # 3.6 GB/h; one new connection a second
    ],
)
def test_capacity_units_are_the_largest_of_four(
    answer_bytes: float, per_connection: float, lcu: float
) -> None:
    app = replace(APP, answer_bytes=answer_bytes, requests_per_connection=per_connection)
    assert size(a_place(), app, 1000).lcu == pytest.approx(lcu)


def test_rules_of_the_listener_above_ten_are_paid_by_the_evaluation() -> None:
    # (50 - 10) x 1,000 / 1,000 = 40, more than 36 GB/h.
    assert size(a_place(listener_rules=50), APP, 1000).lcu == pytest.approx(40)


def test_every_thread_may_hold_a_connection_through_the_nat_gateways() -> None:
    # 40 tasks x 32 threads. Two addresses have 110,000 ports: 1,718 tasks of 3,437 deploying, x 30.
    assert size(a_place(), APP, 600).nat_ports == 1280
    name = "NAT gateways: connections to one destination, deploying"
    assert at(a_place(), name) == pytest.approx(51_540, rel=1e-5)
    assert size(a_place(gateways=0), APP, 600).nat_ports == 0


def test_the_log_has_a_line_for_each_request_and_those_of_the_metrics() -> None:
    # 600 x 450 B + 20 tasks x 2 workers x 2,000 B / 10 s = 278,000 B/s, x 2,628,000 s.
    found = size(a_place(), APP, 600)
    assert found.log_gb_month == pytest.approx(730.584)
    # 20 tasks x 2 containers / 5 s + 0.278 for what is above a megabyte.
    assert found.log_calls_per_s == pytest.approx(8.278)
    assert found.nat_gbps == pytest.approx(278_000 * 8 / 1e9)


def test_pools_of_old_and_new_tasks_and_workers_share_the_database() -> None:
    # 2 x (12 x 32 + 5) = 778 of 790; a thirteenth task is too many.
    assert size(a_place(), APP, 360).connections == 778
    assert at(a_place(), "database connections, deploying") == pytest.approx(360, rel=1e-5)
    assert instance_for(778) == "t4g.large (8 GiB)"
    assert instance_for(791) == "m8g.xlarge (16 GiB)"
    assert instance_for(5000) == "none: a pooler, such as RDS Proxy"


@pytest.mark.parametrize(
    ("of", "connections", "units"),
    [
        # 160 for each unit, less the reserved: 5 x 160 - 10 = 790.
        (Aurora(pool_size=5), 790, "5 ACU"),
        (Aurora(pool_size=5), 791, "5.5 ACU"),
        # It never falls below the least units.
        (Aurora(pool_size=5, min_acu=8, max_acu=16), 1, "8 ACU"),
        (Aurora(pool_size=5, min_acu=1), 4990, "31.5 ACU"),
        (Aurora(pool_size=5, min_acu=1), 4991, "none: a pooler, such as RDS Proxy"),
        # One that may shrink to half a unit has 2,000 at most.
        (Aurora(pool_size=5), 1991, "none: min_acu of 1 or more, or a pooler, such as RDS Proxy"),
    ],
)
def test_capacity_units_follow_from_connections(of: Aurora, connections: int, units: str) -> None:
    assert units_for(connections, of) == units


def test_a_deployment_takes_as_long_as_one_task_and_the_starts_of_all() -> None:
    # 138 s + 200 tasks at 500 a minute.
    assert size(a_place(), APP, 6000).rollout_s == pytest.approx(138 + 24)
    # Fargate's 20 a second after the first 100 are never slower than that.
    assert launch_s(1000) == pytest.approx(120)


def test_the_bill_is_list_prices_times_use() -> None:
    lines = bill(a_place(), size(a_place(), APP, 600))
    # 600 x 2,628,000 s = 1,576.8 million requests.
    assert lines["firewall's requests"] == pytest.approx(1576.8 * 0.60)
    assert lines["load balancer's LCUs"] == pytest.approx(21.6 * 0.008 * 730)
    assert lines["log"] == pytest.approx(730.584 * 0.53)
    # 600 x 10 kB x 2,628,000 s = 15,768 GB, of which 10,000 at the first price.
    assert lines["answers to the internet"] == pytest.approx(10_000 * 0.09 + 5768 * 0.085)
    # Two tasks on demand, and 18 on Spot at 33 %.
    assert lines["tasks"] == pytest.approx(0.01975 * (2 + 18 * 0.33) * 730)
    assert "public addresses of tasks" not in lines


def test_the_first_limit_is_the_one_that_stops_the_load() -> None:
    first, second, third, *_ = hits(a_place(), APP)
    assert first.limit.name == "Spot vCPUs of Fargate, deploying"
    assert second.limit.name == "tasks that tasks.max allows"
    assert second.rps == pytest.approx(300, rel=1e-5)
    assert third.limit.name == "database connections, deploying"


def test_what_no_load_changes_is_never_hit() -> None:
    assert at(a_place(), "rules of a security group, whatever the load") == float("inf")
    assert at(a_place(group_rules=61), "rules of a security group, whatever the load") == 0


@pytest.mark.parametrize("rps", [61, 100, 299, 1000, 4321])
def test_the_rehearsal_ends_with_as_many_tasks(rps: float) -> None:
    both = policies(
        CPU_60, TargetTracking(metric="saturation", target=70, delay_s=0), least=2, most=1000, in_s=300
    )
    place = a_place(service=service(both))
    *_, last = simulate(place.service, [60.0] * 60 + [rps] * 4 * 3600)
    planned = size(place, APP, rps).tasks
    # It removes nothing above 90 % of the target, so that a ninth more may be left.
    assert planned <= last.desired <= planned / 0.9 + 1
    assert not last.beyond_rps


PLACES = st.builds(
    a_place,
    spot=st.sampled_from(["never", "above_min", "always"]),
    service=st.builds(
        lambda task, target, least: replace(
            service(policies(replace(CPU_60, target=target), least=least, most=1000)), task=task
        ),
        task=st.builds(
            Task,
            slots=st.integers(1, 200),
            vcpu=st.sampled_from([0.25, 0.5, 1.0, 2.0, 4.0]),
            request_s=st.floats(0.001, 30),
            cpu_s=st.floats(0.001, 10),
        ),
        target=st.integers(10, 95),
        least=st.integers(1, 50),
    ),
    subnets=st.sampled_from([None, (19,), (4091, 4091), (251, 251, 251)]),
    gateways=st.integers(0, 3),
    groups=st.integers(1, 2),
    listener_rules=st.integers(0, 100),
    connections_per_task=st.integers(0, 200),
    waf=st.booleans(),
    public_addresses=st.booleans(),
)
APPS = st.builds(
    App,
    answer_bytes=st.floats(1, 1e6),
    log_bytes=st.floats(1, 1e5),
    requests_per_connection=st.floats(1, 100),
    out_bytes=st.floats(0, 1e6),
)


@given(place=PLACES, app=APPS, low=st.floats(0, 1e5), more=st.floats(0, 1e5))
def test_more_load_never_needs_less(place: Place, app: App, low: float, more: float) -> None:
    small, large = size(place, app, low), size(place, app, low + more)
    for name, value in asdict(small).items():
        assert asdict(large)[name] >= value, name
    assert usd_a_month(place, large) >= usd_a_month(place, small)
    for limit in limits(place):
        assert limit.share(large) >= limit.share(small), limit.name
