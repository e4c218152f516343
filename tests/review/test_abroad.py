"""A change beside AWS gets a row of its own, whose verdict is judged property by property."""

from collections.abc import Callable
from typing import Any

import pytest

from infra.elsewhere import front_door, load_balancer
from infra.parameters import Cidrs, Environment, Google, InsideVpc, NewLoadBalancer, Place, Waf
from infra.parameters import Domain as Name
from tests.elsewhere.examples import AZURE, GOOGLE, PLACES, PORTABLE, at, manifests
from tests.review.conftest import Answer
from tools.review.abroad import reviewed_abroad
from tools.review.errors import SynthesisError
from tools.review.review import Reviewed
from tools.review.synthesis import Synthesis

both = pytest.mark.parametrize("place", PLACES, ids=lambda place: place.kind)
ROWS = {"google": "portable on Cloud Run", "azure": "portable on Container Apps"}


def side(environment: Environment | None, place: Place, **changes: Any) -> Synthesis:
    if not environment:
        return Synthesis(elsewhere={})
    where = at(place, environment, **changes)
    service = manifests(environment, where)[0]
    if isinstance(place, Google):
        files = {"web-portable.yaml": service}
    else:
        app = {"type": "Microsoft.App/containerApps", "apiVersion": "x", "name": "web-portable", **service}
        files = {"web-portable.json": {"resources": [app]}}
    written = {"files": files, "refused": "", "where": where.model_dump()}
    return Synthesis(elsewhere={"portable": {place.kind: written}})


def review(before: Synthesis, after: Synthesis) -> Reviewed:
    (row,) = reviewed_abroad(before, after)
    return row


def changed(**values: Any) -> Environment:
    return PORTABLE.model_copy(update=values)


@both
def test_what_is_written_the_same_is_no_change(place: Place) -> None:
    row = review(side(PORTABLE, place), side(PORTABLE, place))
    assert (row.name, row.verdict, row.reasons) == (ROWS[place.kind], "no change", [])


@both
def test_a_variable_is_safe_and_its_values_are_shown(place: Place) -> None:
    row = review(side(PORTABLE, place), side(changed(variables={"GREETING": "bye"}), place))
    assert row.verdict == "safe"
    ((found,),) = ([each for each in change.properties if "GREETING" in each.path] for change in row.changes)
    assert (found.old, found.new) == ("hello", "bye")


@both
def test_an_open_door_trips_the_gate_of_what_is_wider(place: Place) -> None:
    inside = changed(load_balancer=NewLoadBalancer(ingress=InsideVpc()))
    opened = review(side(inside, place), side(PORTABLE, place))
    assert (opened.verdict, opened.has("widening")) == ("dangerous", True)
    shut = review(side(PORTABLE, place), side(inside, place))
    assert (shut.verdict, shut.has("widening")) == ("look", False)


@pytest.mark.parametrize(
    ("place", "changes"),
    [
        (GOOGLE, {"region": "europe-west4"}),
        (GOOGLE, {"project": "other-shop"}),
        (AZURE, {"resource_group": "b"}),
    ],
    ids=["region", "project", "group"],
)
def test_another_place_is_another_service(place: Place, changes: dict[str, str]) -> None:
    row = review(side(PORTABLE, place), side(PORTABLE, place.model_copy(update=changes)))
    assert (row.verdict, row.has("destructive")) == ("dangerous", True)
    assert any(each.text.startswith(f"it moves: {next(iter(changes))}") for each in row.reasons)


@both
def test_a_new_place_and_one_that_is_gone_are_looked_at(place: Place) -> None:
    nowhere = side(None, place)
    come, gone = review(nowhere, side(PORTABLE, place)), review(side(PORTABLE, place), nowhere)
    assert (come.verdict, gone.verdict) == ("look", "look")
    assert "stays, and costs" in gone.reasons[0].text
    assert [bool(each) for each in (*come.costs, *gone.costs)] == [False, True, True, False]


@both
def test_what_can_no_longer_be_there_is_dangerous_once(place: Place) -> None:
    refused = Synthesis(
        elsewhere={"portable": {place.kind: {"files": {}, "refused": "tasks.spot is 'all'", "where": {}}}}
    )
    row = review(side(PORTABLE, place), refused)
    assert (row.verdict, row.reasons[0].text) == ("dangerous", "refused: tasks.spot is 'all'")
    assert review(refused, refused).verdict == "no change"


@both
def test_the_cost_is_that_of_the_instances(place: Place) -> None:
    before, after = review(side(PORTABLE, place), side(changed(tasks=bigger()), place)).costs
    assert before
    assert after
    assert before.at_min < before.at_max
    assert after.at_max > before.at_max


def bigger() -> Any:
    return PORTABLE.tasks.model_copy(update={"max": 20})


def edge(environment: Environment, place: Place) -> Synthesis:
    written = (
        load_balancer(environment, place) if isinstance(place, Google) else front_door(environment, place)
    )
    told = {"files": {"edge.json": written}, "refused": "", "where": {}}
    return Synthesis(elsewhere={"portable": {place.kind: told}})


@both
def test_a_firewall_that_refuses_less_is_wider(place: Place) -> None:
    blocking, counting = (
        changed(domain=Name(name="www.example.com"), load_balancer=NewLoadBalancer(waf=Waf(mode=mode)))
        for mode in ("block", "count")
    )
    wider = review(edge(blocking, place), edge(counting, place))
    assert (wider.verdict, wider.has("widening")) == ("dangerous", True)
    narrower = review(edge(counting, place), edge(blocking, place))
    assert (narrower.verdict, narrower.has("widening")) == ("look", False)


def test_networks_that_cloud_armor_lets_in_are_told_by_what_becomes_of_them() -> None:
    office, all_others = (
        changed(domain=Name(name="www.example.com"), load_balancer=each)
        for each in (NewLoadBalancer(ingress=Cidrs(cidrs=("203.0.113.0/24",))), NewLoadBalancer())
    )
    assert review(edge(office, GOOGLE), edge(all_others, GOOGLE)).has("widening")
    assert not review(edge(all_others, GOOGLE), edge(office, GOOGLE)).has("destructive")


@pytest.mark.parametrize(
    "written",
    [
        {"portable": []},
        {"portable": {"google": {"files": []}}},
        {"portable": {"google": {"files": {"a": 1}}}},
    ],
    ids=["list", "no refusal", "number"],
)
def test_what_a_stranger_writes_in_another_form_is_told_in_a_sentence(written: Any) -> None:
    with pytest.raises(SynthesisError, match="manifests that cannot be read"):
        reviewed_abroad(Synthesis(elsewhere=written), Synthesis(elsewhere={**written, "other": {}}))


def test_the_report_has_a_row_its_properties_and_its_cost(seeded: Callable[[str], Answer]) -> None:
    answer = seeded("a variable, and another region of Google")
    assert answer.code == 1
    assert answer.json["tripped"] == ["dangerous"]
    google = answer.environment("portable on Cloud Run")
    assert google["destructive"]
    assert any(each["path"].endswith("GREETING.value") for each in google["resources"][0]["properties"])
    assert "it moves: region europe-west1 → europe-west4" in answer.said_of("portable on Cloud Run")
    assert "instances are rolled" in answer.said_of("portable on Container Apps")
    assert "| portable on Container Apps |" in answer.report.partition("### Cost")[2]
