"""Test that the printed cost of a month is the vendors' list price of what the manifest asks for."""

import pytest

from infra.parameters import Place
from tests.elsewhere.examples import AZURE, GOOGLE, IMAGES, PORTABLE, at
from tools.elsewhere.cost import cost

# vCPU and GiB of one second, from the vendors' pages: see tools/elsewhere/cost.py.
MONTH_S = 2_628_000


@pytest.mark.parametrize(
    ("place", "vcpu", "idle", "gib", "vcpus"),
    # In Google, the proxy has a quarter of a vCPU and the sidecar the least there is, beside the service's.
    [(GOOGLE, 18e-6, 18e-6, 2e-6, 1.33), (AZURE, 24e-6, 3e-6, 3e-6, 1)],
    ids=["google", "azure"],
)
def test_a_month_costs_what_its_seconds_do(
    place: Place, vcpu: float, idle: float, gib: float, vcpus: float
) -> None:
    found = cost(PORTABLE, at(place, PORTABLE), IMAGES)
    one = (vcpus * vcpu + 2 * gib) * MONTH_S
    assert found.fewest == pytest.approx(2 * one)
    assert found.most == pytest.approx(10 * one)
    assert found.idle == pytest.approx(2 * (vcpus * idle + 2 * gib) * MONTH_S)
    assert found.line.startswith("USD a month at list prices, without traffic: ")
