"""Test generated environments, the same ones in every run; `make campaign` tries new ones for longer."""

from collections import Counter
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from infra.parameters import Environment, Parameters, PublicIps
from workshop.campaign.call import Call
from workshop.campaign.generated import environments
from workshop.campaign.trial import Result, constructed, tried

REPEATABLE: dict[str, Any] = {
    "derandomize": True,
    "database": None,
    "deadline": None,
    "phases": (Phase.generate,),
    "suppress_health_check": list(HealthCheck),
}


def summary(counts: Counter[str]) -> str:
    return (
        f"environments tried: {counts.total()}, synthesised: {counts['synthesised']}, "
        f"made: {counts['made']}, refused: {counts['refused']}, crashed: {counts['crashed']}"
    )


@pytest.mark.parametrize("nonsense", [False, True])
def test_whatever_is_written_is_made_or_refused_by_the_name_of_a_field(
    nonsense: bool, report: list[str]
) -> None:
    counts: Counter[str] = Counter()

    @settings(max_examples=100, **REPEATABLE)
    @given(environments(nonsense=nonsense))
    def one(call: Call) -> None:
        result = constructed(call)
        counts[result.outcome if isinstance(result, Result) else "made"] += 1
        assert not isinstance(result, Result) or result.outcome == "refused", (result.said, call)

    one()
    report.append(summary(counts))
    assert counts["refused"] >= 10
    assert counts["made"]


def test_what_is_made_synthesises_to_templates_that_break_no_rule(report: list[str]) -> None:
    counts: Counter[str] = Counter()

    @settings(max_examples=15, **REPEATABLE)
    @given(environments(nonsense=False).filter(lambda call: isinstance(constructed(call), Environment)))
    def one(call: Call) -> None:
        result = tried(call)
        counts[result.outcome] += 1
        assert result.outcome != "crashed", (result.said, call)

    one()
    report.append(summary(counts))
    assert counts["synthesised"] >= 8


class Careless(Parameters):
    """Parameters that crash instead of refusing."""

    def __init__(self, **_values: Any) -> None:
        raise KeyError("memory")


class Silent(Parameters):
    """Parameters that refuse without saying which value."""

    def __init__(self, **_values: Any) -> None:
        Environment.model_validate_json("[]")


@pytest.mark.parametrize(("model", "said"), [(Careless, "KeyError: 'memory'"), (Silent, "names no field: ")])
def test_a_traceback_and_a_refusal_without_a_field_are_crashes(model: type[Parameters], said: str) -> None:
    result = constructed(Call(Environment, {"name": "dev", "network": Call(model, {})}))
    assert isinstance(result, Result)
    assert result.outcome == "crashed"
    assert result.said.startswith(said)


def test_a_template_that_breaks_a_rule_of_others_is_a_crash(monkeypatch: pytest.MonkeyPatch) -> None:
    # Without this call nothing accepts cdk-nag's finding, as if it had been forgotten.
    monkeypatch.setattr("infra.compute.capacity.acknowledge", lambda *_, **__: None)
    result = tried(Call(Environment, {"name": "dev"}))
    assert result.outcome == "crashed"
    assert "AwsSolutions-ECS4" in result.said


def test_a_call_is_written_as_one_would_write_it() -> None:
    assert repr(Call(Environment, {"network": Call(PublicIps, {})})) == "Environment(network=PublicIps())"
