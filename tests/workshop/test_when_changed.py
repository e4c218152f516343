"""Test what docs/parameters.md says of a parameter that changes on a running stack."""

import json

import pytest

from infra.parameters import Environment
from workshop.parameters_page import KEPT, _models
from workshop.when_changed import PAIRS, found


def test_every_parameter_has_a_pair_and_an_answer() -> None:
    parameters = [f"{model.__name__}.{name}" for model in _models(Environment) for name in model.model_fields]
    assert sorted(PAIRS) == sorted(parameters), "give it a pair in workshop/when_changed.py"
    assert list(json.loads(KEPT.read_text())) == list(PAIRS), "run `python -m workshop.when_changed`"


@pytest.mark.parametrize("name", PAIRS)
def test_the_two_environments_of_a_pair_are_valid_and_differ(name: str) -> None:
    before, after = (Environment(**{"name": "test", **arguments}) for arguments in PAIRS[name])
    assert before != after


def test_the_answers_are_those_of_today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CDK_VALIDATION", "false")
    names = ["Tasks.memory_mib", "Environment.log_days", "NewLoadBalancer.ingress", "NewVpc.cidr"]
    kept = json.loads(KEPT.read_text())
    assert found(names) == {name: kept[name] for name in names}
