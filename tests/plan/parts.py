"""Make a small environment with numbers that are easy to calculate with."""

from dataclasses import replace
from typing import Any

from tests.rehearsal.parts import policies, service
from tools.plan.app import App
from tools.plan.place import Place
from tools.rehearsal.policies import TargetTracking

# Half a vCPU at 60 % of CPU and 10 ms a request: 30 requests/s for each task.
CPU_60 = TargetTracking(metric="cpu", target=60, delay_s=0)
APP = App(where_from="a test")


def a_place(**changes: Any) -> Place:
    """Make 2 to 10 tasks of 32 threads in two subnets behind two NAT gateways and a firewall."""
    made = Place(
        service=service(policies(CPU_60, least=2, most=10)),
        spot="above_min",
        workers=2,
        threads=16,
        memory_gib=1,
        region="eu-west-1",
        subnets=(4091, 4091),
        public_addresses=False,
        gateways=2,
        to_internet=True,
        waf=True,
        groups=1,
        listener_rules=1,
        group_rules=2,
        logging_containers=2,
        log_days=30,
        connections_per_task=32,
        other_connections=5,
        max_connections=790,
        instance="t4g.large",
        aurora=None,
        container_insights=False,
        rollout_s=138,
        fixed_usd=100,
    )
    return replace(made, **changes)
