"""Test that every published way of a role to become another one is dangerous, however it is written.

escalations.json has the names and actions of cloudsplaining 0.9.1, which took them from pathfinding.cloud and
https://rhinosecuritylabs.com/aws/aws-privilege-escalation-methods-mitigation/.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.review.seeded.rights import allow, deny, policy
from tools.review.iam import permissions

METHODS: dict[str, list[str]] = json.loads(Path(__file__).with_name("escalations.json").read_text())


def levels(old: list[dict[str, Any]], new: list[dict[str, Any]]) -> set[str]:
    return {each.level for each in permissions(policy(*old), policy(*new))}


@pytest.mark.parametrize("name", METHODS)
def test_its_actions_on_every_resource_are_dangerous(name: str) -> None:
    assert "dangerous" in levels([], [allow(METHODS[name], "*")])


@pytest.mark.parametrize("name", METHODS)
def test_they_are_dangerous_behind_a_wildcard_too(name: str) -> None:
    wild = [f"{action[:-2]}*" for action in METHODS[name]]
    assert "dangerous" in levels([], [allow(wild, "*")])


@pytest.mark.parametrize("name", METHODS)
def test_they_are_dangerous_as_what_is_left_of_all_others(name: str) -> None:
    assert "dangerous" in levels([], [{"Effect": "Allow", "NotAction": "s3:*", "Resource": "*"}])
    everything = [allow(METHODS[name], "*")]
    assert "dangerous" in levels([deny(METHODS[name], "*")], everything)


@pytest.mark.parametrize("name", METHODS)
def test_on_every_resource_of_a_kind_they_are_dangerous(name: str) -> None:
    service = METHODS[name][0].partition(":")[0]
    kinds = {"iam": "arn:aws:iam::111122223333:*"}
    on = [
        kinds.get(service, f"arn:aws:{service}:eu-west-1:111122223333:*"),
        "arn:aws:iam::111122223333:role/*",
    ]
    assert "dangerous" in levels([], [allow(METHODS[name], on)])


@pytest.mark.parametrize("name", METHODS)
def test_what_was_there_before_is_told_to_nobody(name: str) -> None:
    assert levels([allow(METHODS[name], "*")], [allow(METHODS[name], "*")]) == set()
