"""Test the environment of a pull request: cheap, short-lived, and no burden on the one it shares."""

import json
from pathlib import Path
from typing import Any

import pytest

from infra.application import build_app
from tests.environments import ENVIRONMENTS, preview


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Synthesise with the context of one preview, number 123."""
    folder = tmp_path_factory.mktemp("preview")
    build_app(*ENVIRONMENTS, preview=preview, context={"preview": "123"}, outdir=str(folder)).synth()
    return folder


def template(out: Path, name: str) -> dict[str, Any]:
    return dict(json.loads((out / f"Web-{name}.template.json").read_text()))


def of_type(template: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    return [each["Properties"] for each in template["Resources"].values() if each["Type"] == kind]


def test_its_owner_is_deployed_with_all_it_refers_to_before_it_comes(out: Path, tmp_path: Path) -> None:
    build_app(*ENVIRONMENTS, outdir=str(tmp_path)).synth()
    assert template(out, "staging") == template(tmp_path, "staging")
    exported = {
        each["Export"]["Name"]
        for each in template(tmp_path, "staging")["Outputs"].values()
        if "Export" in each
    }
    imported = set()

    def look(value: Any) -> None:
        if isinstance(value, dict):
            if "Fn::ImportValue" in value:
                imported.add(value["Fn::ImportValue"])
            for each in value.values():
                look(each)
        elif isinstance(value, list):
            for each in value:
                look(each)

    look(template(out, "pr-123"))
    assert imported
    assert imported <= exported


def test_it_is_behind_staging_by_its_own_name(out: Path) -> None:
    made = template(out, "pr-123")
    assert of_type(made, "AWS::ElasticLoadBalancingV2::LoadBalancer") == []
    [rule] = of_type(made, "AWS::ElasticLoadBalancingV2::ListenerRule")
    assert rule["Conditions"][0]["HostHeaderConfig"]["Values"] == ["pr-123.preview.example.com"]
    assert of_type(made, "AWS::CertificateManager::Certificate") == []
    assert of_type(made, "AWS::Route53::RecordSet") == []


def test_it_is_one_task_on_spot_that_says_when_it_expires(out: Path) -> None:
    made = template(out, "pr-123")
    [scaling] = of_type(made, "AWS::ApplicationAutoScaling::ScalableTarget")
    assert (scaling["MinCapacity"], scaling["MaxCapacity"]) == (1, 1)
    [service] = of_type(made, "AWS::ECS::Service")
    weights = {
        each["CapacityProvider"]: each.get("Weight", 0) for each in service["CapacityProviderStrategy"]
    }
    assert weights["FARGATE_SPOT"]
    assert not weights.get("FARGATE", 0)
    stack = json.loads((out / "manifest.json").read_text())["artifacts"]["Web-pr-123"]["properties"]
    assert stack["tags"]["expires-after-days"] == "7"
    assert not stack.get("terminationProtection")


def test_no_two_have_the_same_rule_unless_they_are_very_far_apart() -> None:
    priorities = [preview(number).load_balancer.rule_priority for number in range(1, 2000)]  # type: ignore[union-attr]  # previews share one
    assert len(set(priorities)) == len(priorities)
    assert all(1 <= preview(n).load_balancer.rule_priority <= 50_000 for n in (1, 48_999, 49_000, 999_999))  # type: ignore[union-attr]  # previews share one


def test_without_the_context_there_is_none(tmp_path: Path) -> None:
    build_app(*ENVIRONMENTS, preview=preview, outdir=str(tmp_path)).synth()
    assert not list(tmp_path.glob("Web-pr-*"))


@pytest.mark.parametrize("given", ["", "x", "0", "-1", "1; rm", "12 ", "1" * 10])
def test_what_is_no_number_is_answered_with_what_to_give(given: str) -> None:
    with pytest.raises(ValueError, match="give the number of a pull request, such as -c preview=123"):
        build_app(*ENVIRONMENTS, preview=preview, context={"preview": given})
