"""Test each rule about what AWS refuses: what breaks it, what does not, and templates that nobody expects."""

import copy
import json
import re
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk.assertions import Template

from infra.application import empty_app
from infra.policy import Policy
from infra.policy.refused import REFUSALS, refusals
from infra.policy.refused.enums import LISTS
from infra.policy.template import Finding
from tests.infra.policy.refused import PAIRS
from tests.infra.policy.test_any_template import OTHERS, places
from workshop.enums import lists

CASES = [(rule, number) for rule, pairs in PAIRS.items() for number in range(len(pairs))]


def found(rule: str, resources: dict[str, Any]) -> list[tuple[str, str]]:
    return [
        (each.logical_id, each.sentence) for each in refusals({"Resources": resources}) if each.rule == rule
    ]


def test_every_rule_has_what_breaks_it() -> None:
    assert list(PAIRS) == [each.rule for each in REFUSALS]


@pytest.mark.parametrize(("rule", "number"), CASES)
def test_what_aws_refuses_is_refused_with_its_source_and_nothing_else(rule: str, number: int) -> None:
    bad, good = PAIRS[rule][number]
    assert {name for name, _ in found(rule, bad)} == {"It"}
    assert all(sentence.endswith((".html)", ".md)")) for _, sentence in found(rule, bad))
    assert found(rule, good) == []


# Words of advice, of which each sentence has one.
ADVICE = re.compile(
    r": (use|set|lower|raise|write|make|split|give|begin|choose|remove|rename|add|move|merge|leave|take)\b"
    r"|: at most |: a task needs |: it |make it "
)


@pytest.mark.parametrize(("rule", "number"), CASES)
def test_each_sentence_says_what_to_do(rule: str, number: int) -> None:
    assert [each for _, each in found(rule, PAIRS[rule][number][0]) if not ADVICE.search(each)] == []


@pytest.mark.parametrize("rule", PAIRS)
def test_no_template_breaks_a_rule(rule: str) -> None:
    for pair in PAIRS[rule]:
        for sound in pair:
            # Long lists of the same are tried by their first members.
            small = json.loads(json.dumps(sound))
            for path in [
                each for each in places(small) if not any(isinstance(key, int) and key > 1 for key in each)
            ]:
                for other in OTHERS:
                    variant = copy.deepcopy(small)
                    owner: Any = variant
                    for key in path[:-1]:
                        owner = owner[key]
                    owner[path[-1]] = other
                    found_there = refusals({"Resources": variant})
                    assert all(isinstance(each, Finding) for each in found_there), (path, other)


def test_no_environment_of_the_kit_breaks_one(templates: dict[str, Template]) -> None:
    for template in templates.values():
        assert list(refusals(dict(template.to_json()))) == []


def test_a_synth_fails_with_the_sentence(tmp_path: Path) -> None:
    app = empty_app(outdir=str(tmp_path))
    cdk.Validations.of(app).add_plugins(Policy())
    stack = cdk.Stack(app, "Test")
    cdk.CfnResource(stack, "Alarm", type="AWS::CloudWatch::Alarm", properties={"EvaluationPeriods": 1})
    with pytest.raises(Exception, match="alarm has no Threshold"):
        app.synth()


def test_the_lists_of_values_are_those_of_the_schemas() -> None:
    assert LISTS.read_text() == lists(), "run `python -m workshop.enums`"


def test_rules_have_each_a_page_of_aws() -> None:
    assert all(each.source.startswith("https://docs.aws.amazon.com/") for each in REFUSALS)
    assert len({each.rule for each in REFUSALS}) == len(REFUSALS)
