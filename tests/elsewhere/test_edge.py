"""Test that the edge before a service is written as a file, valid by the vendors' schemas."""

import copy
import json
import re
from pathlib import Path
from typing import Any

import pytest

from infra.elsewhere import (
    front_door,
    load_balancer,
    notes,
    refusals,
    template_mistakes,
    terraform_mistakes,
)
from infra.elsewhere.schema import vendors
from infra.parameters import Cidrs, Domain, Environment, Google, InsideVpc, NewLoadBalancer, Place, Waf
from tests.checkout import ROOT
from tests.elsewhere.examples import AZURE, GOOGLE, PLACES, PORTABLE, at, manifests
from tests.elsewhere.test_command import APP, READY
from tools.elsewhere.edge import edge
from tools.elsewhere.outcome import outcome
from workshop.elsewhere.terraform import _resource

both = pytest.mark.parametrize("place", PLACES, ids=lambda place: place.kind)
NETWORKS = tuple(f"203.0.113.{number}/32" for number in range(12))
BLOCKING = Waf(mode="block", requests_per_5_minutes=500)


def guarded(**balancer: Any) -> Environment:
    domain = Domain(name="www.example.com", aliases=("example.com",))
    return PORTABLE.model_copy(
        update={"domain": domain, "load_balancer": NewLoadBalancer(**({"waf": BLOCKING} | balancer))}
    )


OFFICE = guarded(ingress=Cidrs(cidrs=NETWORKS))


def mistakes(environment: Environment, place: Place) -> list[str]:
    if isinstance(place, Google):
        return terraform_mistakes(load_balancer(environment, place))
    return template_mistakes(front_door(environment, place))


def rules(environment: Environment) -> list[dict[str, Any]]:
    policy = load_balancer(environment, GOOGLE)["resource"]["google_compute_security_policy"]["web"]
    return sorted(policy["rule"], key=lambda each: each["priority"])


def resources(environment: Environment) -> dict[str, dict[str, Any]]:
    return {each["name"]: each for each in front_door(environment, AZURE)["resources"]}


@both
@pytest.mark.parametrize(
    "environment", [guarded(), OFFICE, guarded(waf=None)], ids=["waf", "office", "plain"]
)
def test_an_edge_is_valid_by_the_vendors_schema(environment: Environment, place: Place) -> None:
    assert not list(refusals(environment, at(place, environment, edge=True)))
    assert mistakes(environment, place) == []


@pytest.mark.parametrize(
    ("kind", "field"),
    [
        ("google_compute_security_policy", "rules"),
        ("google_compute_backend_service", "securitypolicy"),
        ("google_compute_target_https_proxy", "ssl_certificate"),
        ("google_compute_global_adress", "name"),
    ],
)
def test_a_misspelt_field_of_terraform_is_refused(kind: str, field: str) -> None:
    written = load_balancer(OFFICE, GOOGLE)
    written["resource"].setdefault(kind, {"web": {"name": "web"}})["web"][field] = "x"
    (mistake,) = terraform_mistakes(written)
    assert mistake.startswith(f"{kind}.web: ")


def test_a_misspelt_field_type_or_word_of_azure_is_refused() -> None:
    for name, change in (
        ("web-portable/web-portable/all", {"httpRedirect": "Enabled"}),
        ("web-portable/web-portable/all", {"httpsRedirect": "Yes"}),
        ("webportable", {"policySetting": {}}),
        ("web-portable/web/web", {"httpsPort": "443"}),
    ):
        template = copy.deepcopy(front_door(OFFICE, AZURE))
        (found,) = (each for each in template["resources"] if each["name"] == name)
        found["properties"] |= change
        (mistake,) = template_mistakes(template)
        assert mistake.startswith(f"{name}: properties")


def test_every_part_that_is_named_is_there() -> None:
    written = load_balancer(OFFICE, GOOGLE)
    named = re.findall(r"\$\{(google_\w+)\.(\w+)\.", json.dumps(written))
    assert len(named) >= 10
    assert all(name in written["resource"][kind] for kind, name in named)
    template = front_door(OFFICE, AZURE)
    there = {
        f"[resourceId({', '.join(repr(part) for part in (each['type'], *each['name'].split('/')))})]"
        for each in template["resources"]
    }
    asked = {need for each in template["resources"] for need in each.get("dependsOn", [])}
    assert asked <= there
    assert len(asked) >= 7


def test_only_the_edge_reaches_the_service() -> None:
    service = manifests(OFFICE, at(GOOGLE, OFFICE, edge=True))[0]["metadata"]["annotations"]
    assert service["run.googleapis.com/ingress"] == "internal-and-cloud-load-balancing"
    link = resources(OFFICE)["web-portable/web/web"]["properties"]["sharedPrivateLinkResource"]
    assert link["privateLink"]["id"].endswith("/managedEnvironments/web")
    # The app would see the Front Door's addresses, and let nobody in.
    app = manifests(OFFICE, at(AZURE, OFFICE, edge=True))[0]["properties"]["configuration"]["ingress"]
    assert "ipSecurityRestrictions" not in app


def test_cloud_armor_looks_for_attacks_before_it_lets_a_network_in() -> None:
    found = rules(OFFICE)
    assert [each["action"] for each in found if "WAF" in str(each) or "Waf" in str(each)] == ["deny(403)"] * 7
    sources = [
        each["match"]["config"]["src_ip_ranges"] for each in found if each["action"] in ("allow", "throttle")
    ]
    assert all(len(each) <= 10 for each in sources)
    assert {network for each in sources for network in each} == set(NETWORKS)
    assert (found[-1]["action"], found[-1]["priority"]) == ("deny(403)", 2**31 - 1)
    assert len({each["priority"] for each in found}) == len(found)
    assert rules(guarded())[-1]["action"] == "allow"


@pytest.mark.parametrize(
    ("mode", "preview", "azure"), [("count", True, "Detection"), ("block", False, "Prevention")]
)
def test_a_firewall_that_counts_refuses_nothing(mode: Any, preview: bool, azure: str) -> None:
    environment = guarded(waf=Waf(mode=mode))
    *asked, last = rules(environment)
    assert {each["preview"] for each in asked} == {preview}
    assert last["action"] == "allow"
    assert resources(environment)["webportable"]["properties"]["policySettings"]["mode"] == azure


def test_the_certificates_name_every_host_and_a_change_makes_another() -> None:
    def certificate(environment: Environment) -> dict[str, Any]:
        written = load_balancer(environment, GOOGLE)["resource"]["google_compute_managed_ssl_certificate"]
        return dict(written["web"])

    one = OFFICE.model_copy(update={"domain": Domain(name="www.example.com")})
    assert certificate(OFFICE)["managed"] == {"domains": ["www.example.com", "example.com"]}
    assert certificate(OFFICE)["name"] != certificate(one)["name"]
    hosts = {
        each["properties"]["hostName"]
        for each in resources(OFFICE).values()
        if each["type"].endswith("/customDomains")
    }
    assert hosts == {"www.example.com", "example.com"}


def test_the_front_door_waits_as_long_as_the_longest_request() -> None:
    for longest, waits in ((5, 16), (60, 65), (240, 240)):
        environment = OFFICE.model_copy(update={"longest_request_s": longest})
        assert resources(environment)["web-portable"]["properties"]["originResponseTimeoutSeconds"] == waits


@both
@pytest.mark.parametrize(
    ("environment", "field"),
    [
        (guarded(ingress=InsideVpc()), "load_balancer.ingress"),
        (guarded(waf=Waf(anonymous_ips=True)), "load_balancer.waf.anonymous_ips"),
        (guarded(waf=Waf(requests_per_5_minutes=1_000_001)), "load_balancer.waf.requests_per_5_minutes"),
    ],
    ids=["inside", "anonymous", "many"],
)
def test_what_an_edge_cannot_is_refused_by_its_field(
    environment: Environment, field: str, place: Place
) -> None:
    (sentence,) = refusals(environment, at(place, environment, edge=True))
    assert sentence.startswith(f"{field} is ")


def test_each_vendors_own_limits_of_an_edge_are_refused() -> None:
    google, azure = at(GOOGLE, PORTABLE, edge=True), at(AZURE, PORTABLE, edge=True)
    wild = PORTABLE.model_copy(update={"domain": Domain(name="a.example.com", aliases=("*.example.com",))})
    counting = guarded(ingress=Cidrs(cidrs=NETWORKS), waf=Waf(mode="count"))
    assert [each.split(" is ")[0] for each in refusals(PORTABLE, google)] == ["domain"]
    assert list(refusals(PORTABLE, azure)) == []
    assert any("has no wildcard" in each for each in refusals(wild, google))
    assert list(refusals(counting, google)) == []
    assert any(each.startswith("load_balancer.waf.mode is 'count'") for each in refusals(counting, azure))


@both
def test_a_note_says_which_file_has_what_the_edge_does(place: Place) -> None:
    said = [each for each in notes(OFFICE, at(place, OFFICE, edge=True)) if "edge" in each]
    assert "load_balancer.waf is the edge's: web-portable.edge has it" in said


@both
def test_a_healthy_service_is_told_by_its_domain(place: Place) -> None:
    answer = json.dumps({**READY, "properties": APP})
    found = outcome(OFFICE, at(place, OFFICE, edge=True), lambda _line: answer)
    assert (found.healthy, found.said) == (True, "https://www.example.com, once its DNS leads there")


def test_a_schema_of_terraform_has_the_names_types_and_needs_of_the_bindings() -> None:
    source = """
@jsii.data_type(jsii_type="x")
class WebConfig(_cdktn_1.TerraformMetaArguments):
    def __init__(
        self, *,
        count: typing.Optional[jsii.Number] = None,
        name: builtins.str,
        enable: typing.Optional[typing.Union[builtins.bool, "_cdktn_1.IResolvable"]] = None,
        rule: typing.Optional[typing.Union["_cdktn_1.IResolvable", typing.Sequence[
            typing.Union["WebRule", typing.Dict[builtins.str, typing.Any]]]]] = None,
    ) -> None: ...

@jsii.data_type(jsii_type="y")
class WebRule:
    def __init__(self, *, hosts: typing.Sequence[builtins.str],
                 labels: typing.Optional[typing.Mapping[builtins.str, builtins.str]] = None) -> None: ...
"""
    made = _resource(source, ("name", "enable", "rule"))
    text = {"type": "string"}
    assert made["required"] == ["name"]
    assert made["properties"].keys() == {"name", "enable", "rule", "lifecycle"}
    assert made["properties"]["enable"] == {"type": "boolean"}
    assert made["properties"]["rule"]["items"] == {
        "type": "object",
        "properties": {
            "hosts": {"type": "array", "items": text},
            "labels": {"type": "object", "additionalProperties": text},
        },
        "required": ["hosts"],
        "additionalProperties": False,
    }


def test_the_schema_of_terraform_is_of_the_bindings_that_are_locked() -> None:
    lock = (ROOT / "workshop/elsewhere/terraform.txt").read_text()
    name, version = re.search(r"^([a-z-]+)==(\S+)", lock, re.MULTILINE).groups()  # type: ignore[union-attr]
    assert f"{name.replace('-', '_')}-{version}-" in vendors("load_balancer")["$comment"]


@both
def test_the_edge_is_written_beside_the_manifests(place: Place, tmp_path: Path) -> None:
    steps = edge(OFFICE, at(place, OFFICE, edge=True), tmp_path)
    (path,) = tmp_path.rglob("*.json")
    lines = [line for each in steps if each.when == "first" for line in each.lines]
    assert any(str(path if place.kind == "azure" else path.parent) in line for line in lines)
    assert edge(OFFICE, at(place, OFFICE), tmp_path) == []
