from collections.abc import Callable
from typing import Any

import pytest
from aws_cdk.assertions import Template

from docs.recipes.path_rules import PathRules
from infra.application import build_app
from infra.parameters import Domain, Environment, SharedLoadBalancer
from infra.stack import WebStack
from tests.recipes.stacks import CLOUDFRONT, HTTPS, stack_of


@pytest.fixture
def rules(template: Callable[[str], Template]) -> list[dict[str, Any]]:
    """Return the listener's rules in the order in which the load balancer applies them."""
    found = template("path-rules").find_resources("AWS::ElasticLoadBalancingV2::ListenerRule").values()
    return sorted((rule["Properties"] for rule in found), key=lambda rule: int(rule["Priority"]))


def conditions(rule: dict[str, Any]) -> dict[str, list[str]]:
    return {
        each["Field"]: next(value["Values"] for key, value in each.items() if key != "Field")
        for each in rule["Conditions"]
    }


def test_a_prefix_is_seen_from_the_given_networks_alone(rules: list[dict[str, Any]]) -> None:
    first, second, third = rules[:3]
    admin = ["/admin", "/admin/*"]
    assert conditions(first) == {
        "path-pattern": admin,
        "source-ip": ["203.0.113.0/24", "198.51.100.0/24", "192.0.2.0/25"],
    }
    assert conditions(second) == {"path-pattern": admin, "source-ip": ["192.0.2.128/25"]}
    assert [rule["Actions"][0]["Type"] for rule in (first, second)] == ["forward", "forward"]
    assert conditions(third) == {"path-pattern": admin}
    assert third["Actions"][0]["FixedResponseConfig"]["StatusCode"] == "404"


def test_no_rule_compares_more_values_than_a_rule_may(rules: list[dict[str, Any]]) -> None:
    assert max(sum(len(values) for values in conditions(rule).values()) for rule in rules) <= 5


def test_a_host_is_redirected_to_another(rules: list[dict[str, Any]]) -> None:
    assert conditions(rules[3]) == {"host-header": ["old.test.dev"]}
    redirect = rules[3]["Actions"][0]["RedirectConfig"]
    assert redirect == {"Host": "app.test.dev", "StatusCode": "HTTP_301"}


def test_a_prefix_goes_to_another_target_group(rules: list[dict[str, Any]]) -> None:
    assert conditions(rules[4]) == {"path-pattern": ["/api", "/api/*"]}
    assert rules[4]["Actions"][0]["Type"] == "forward"


def test_refuses_a_priority_that_another_rule_has() -> None:
    stack = stack_of("test", **HTTPS)
    PathRules(stack, "First").redirect(prefix="/old", to_path="/new")
    with pytest.raises(ValueError, match="priority 100 is that of Web-test/First/Rule100/Resource already"):
        PathRules(stack, "Second").redirect(prefix="/older", to_path="/new")


def test_refuses_the_priority_of_an_environment_that_shares_the_load_balancer() -> None:
    shared = Environment(
        name="preview",
        domain=Domain(name="preview.test.dev", hosted_zone_id="Z1", hosted_zone_name="test.dev"),
        load_balancer=SharedLoadBalancer(owner="test", rule_priority=100),
    )
    stack = build_app(Environment(name="test", **HTTPS), shared).node.find_child("Web-test")
    assert isinstance(stack, WebStack)
    with pytest.raises(
        ValueError, match="priority 100 is that of Web-preview/FrontDoor/Rule/Resource already"
    ):
        PathRules(stack, "PathRules").redirect(prefix="/old", to_path="/new")


def test_refuses_plain_http() -> None:
    with pytest.raises(
        ValueError, match="environment 'test' has domain None and load_balancer NewLoadBalancer"
    ):
        PathRules(stack_of("test"), "PathRules")


def test_refuses_to_compare_addresses_behind_cloudfront() -> None:
    rules = PathRules(stack_of("test", **CLOUDFRONT), "PathRules")
    with pytest.raises(ValueError, match="is behind CloudFront, so clients' addresses are not seen"):
        rules.allow_only(prefix="/admin", cidrs=["203.0.113.0/24"])


def test_refuses_a_prefix_that_nobody_may_see() -> None:
    with pytest.raises(ValueError, match="has no cidrs"):
        PathRules(stack_of("test", **HTTPS), "PathRules").allow_only(prefix="/admin", cidrs=[])


@pytest.mark.parametrize("prefix", ["admin", "/admin/", "/admin/*", "/"])
def test_refuses_what_is_no_prefix(prefix: str) -> None:
    with pytest.raises(ValueError, match="give a path such as /admin"):
        PathRules(stack_of("test", **HTTPS), "PathRules").redirect(prefix=prefix, to_path="/new")


@pytest.mark.parametrize("values", [{"to_host": "app.test.dev"}, {"prefix": "/old"}])
def test_refuses_a_redirect_of_everything_or_to_nowhere(values: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="give host or prefix, and to_host or to_path"):
        PathRules(stack_of("test", **HTTPS), "PathRules").redirect(**values)
