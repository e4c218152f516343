"""Test that no template of any app crashes a rule, even with values missing or known only on deployment."""

import copy
from collections.abc import Iterator
from typing import Any

import pytest
from aws_cdk.assertions import Template

from infra.policy.findings import violations_in
from infra.policy.template import Finding

# Values put in place of any other: a token, nothing, a number, text, an empty list, a list of tokens.
OTHERS: tuple[Any, ...] = ({"Ref": "Somebody"}, None, 7, "text", [], [{"Fn::If": ["A", "b", "c"]}], {})


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the path of every value inside a template."""
    members = (
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    )
    for key, member in members:
        yield (*path, key)
        yield from places(member, (*path, key))


def read_by_a_rule(template: dict[str, Any]) -> dict[str, Any]:
    """Keep only the resources that a rule looks at, so that thousands of variants take seconds."""
    kinds = ("TaskDefinition", "ECS::Service", "LoadBalancer", "TargetGroup", "EC2::Route", "VPCEndpoint")
    resources = template["Resources"].items()
    kept = {key: value for key, value in resources if any(kind in value["Type"] for kind in kinds)}
    return {"Resources": kept}


def test_no_template_breaks_a_rule(templates: dict[str, Template]) -> None:
    sound = read_by_a_rule(dict(templates["dev"].to_json()))
    tried = 0
    for path in places(sound):
        for other in OTHERS:
            variant = copy.deepcopy(sound)
            owner: Any = variant
            for key in path[:-1]:
                owner = owner[key]
            owner[path[-1]] = other
            assert all(isinstance(found, Finding) for found in violations_in(variant)), (path, other)
            tried += 1
    assert tried > 1000
    print(f"templates tried: {tried}, crashed: 0")


@pytest.mark.parametrize("template", [{}, {"Resources": {}}, {"Resources": []}, {"Resources": {"A": "text"}}])
def test_a_template_without_anything_has_no_findings(template: dict[str, Any]) -> None:
    assert list(violations_in(template)) == []
