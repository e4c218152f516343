"""Test that the printed cost of a month is the vendors' list price of what the manifest asks for."""

from types import SimpleNamespace

import pytest

from infra.parameters import Domain, NewLoadBalancer, Place, Waf
from tests.elsewhere.examples import AZURE, GOOGLE, IMAGES, PLACES, PORTABLE, at
from tests.environments import STAGING
from tools import summary
from tools.elsewhere import places
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


@pytest.mark.parametrize(
    ("place", "edge"),
    # Forwarding rules, a policy and its nine rules: seven of attacks, of one address, and the last.
    [(GOOGLE, 0.025 * 730 + 5 + 9), (AZURE, 330)],
    ids=["google", "azure"],
)
def test_an_edge_costs_whether_anybody_comes_or_not(place: Place, edge: float) -> None:
    guarded = PORTABLE.model_copy(
        update={"domain": Domain(name="www.example.com"), "load_balancer": NewLoadBalancer(waf=Waf())}
    )
    found = cost(guarded, at(place, guarded, edge=True), IMAGES)
    assert found.edge == pytest.approx(edge)
    assert found.line.endswith(f", and {edge:,.0f} for the edge")
    assert cost(PORTABLE, at(place, PORTABLE), IMAGES).edge == 0


def test_the_table_of_a_synth_has_a_row_for_each_place(monkeypatch: pytest.MonkeyPatch) -> None:
    written = {each.name: tuple(at(place, each) for place in PLACES) for each in (PORTABLE, STAGING)}
    monkeypatch.setattr(places, "environments", SimpleNamespace(ELSEWHERE=written))
    google, azure = summary.elsewhere([PORTABLE, STAGING]).items()
    assert (google[0], azure[0]) == ("  on Cloud Run", "  on Container Apps")
    assert google[1][1] == azure[1][1] == "refused"
    least, most = map(int, google[1][0].split("-"))
    assert 0 < least < most


def test_without_another_place_the_table_is_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(places, "environments", SimpleNamespace(ELSEWHERE={}))
    assert summary.elsewhere([PORTABLE]) == {}
