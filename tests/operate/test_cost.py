"""Test that `cost` shows what the account paid beside the estimate, as Cost Explorer's own model has it."""

import json
from datetime import date
from typing import Any

import pytest

from tests.operate.answers import well
from tests.operate.recorded import Recorded
from tools.operate.cost import Bill, cost
from tools.operate.errors import UsageError

_TODAY = date(2026, 11, 10)


def _group(service: str, usd: str) -> dict[str, Any]:
    return {"Keys": [service], "Metrics": {"UnblendedCost": {"Amount": usd, "Unit": "USD"}}}


def _month(start: str, end: str, *groups: dict[str, Any]) -> dict[str, Any]:
    return {"TimePeriod": {"Start": start, "End": end}, "Groups": list(groups), "Estimated": True}


_PAID = {
    "ResultsByTime": [
        _month("2026-10-01", "2026-11-01", _group("Amazon ECS", "20.5"), _group("AmazonCloudWatch", "31")),
        _month("2026-11-01", "2026-11-11", _group("Amazon ECS", "10.25")),
    ]
}


def _recorded(paid: dict[str, Any]) -> Recorded:
    """Return an environment whose service and data have a key of a dollar a month each."""

    def template(asked: dict[str, Any]) -> dict[str, Any]:
        key = {"Type": "AWS::KMS::Key"}
        return {"TemplateBody": json.dumps({"Resources": {asked["StackName"]: key}})}

    return Recorded({**well(), "GetTemplate": template, "GetCostAndUsage": paid})


def _told(capsys: pytest.CaptureFixture[str], paid: dict[str, Any]) -> tuple[Bill, str]:
    deployed = _recorded(paid).deployed()
    assert cost(deployed, months=2, today=_TODAY) == 0
    return deployed.answer, capsys.readouterr().out


def test_what_was_paid_stands_beside_the_estimate(capsys: pytest.CaptureFixture[str]) -> None:
    answer, told = _told(capsys, _PAID)
    assert "Estimate  2 to 2 USD a month at list prices" in told
    assert "Paid      51.50 USD in 2026-10\n" in told
    assert "Paid      10.25 USD in 2026-11 so far" in told
    assert "at this rate about 31 USD this month" in told
    # What costs most comes first.
    assert told.index("AmazonCloudWatch") < told.index("Amazon ECS")
    assert answer["at_this_rate"] == 30.75
    assert [each["paid"] for each in answer["months"]] == [51.5, 10.25]


@pytest.mark.parametrize(("months", "start"), [(1, "2026-11-01"), (2, "2026-10-01"), (13, "2025-11-01")])
def test_it_asks_for_whole_months_by_the_stacks_tag(months: int, start: str) -> None:
    recorded = _recorded(_PAID)
    cost(recorded.deployed(), months=months, today=_TODAY)
    [asked] = recorded.parameters("GetCostAndUsage")
    assert asked["TimePeriod"] == {"Start": start, "End": "2026-11-11"}
    assert asked["Filter"] == {"Tags": {"Key": "environment", "Values": ["dev"]}}


def test_every_page_counts() -> None:
    def page(asked: dict[str, Any]) -> dict[str, Any]:
        results = _PAID["ResultsByTime"]
        return (
            {"ResultsByTime": results[1:]}
            if "NextPageToken" in asked
            else {
                "ResultsByTime": results[:1],
                "NextPageToken": "more",
            }
        )

    recorded = _recorded({})
    recorded.answers = {**recorded.answers, "GetCostAndUsage": page}
    deployed = recorded.deployed()
    cost(deployed, months=2, today=_TODAY)
    assert [each["month"] for each in deployed.answer["months"]] == ["2026-10", "2026-11"]


def test_where_the_tag_is_not_activated_it_says_how(capsys: pytest.CaptureFixture[str]) -> None:
    answer, told = _told(capsys, {"ResultsByTime": [_month("2026-11-01", "2026-11-11")]})
    assert "activate environment as a cost allocation tag" in told
    assert answer["at_this_rate"] is None


def test_data_that_there_is_not_costs_nothing() -> None:
    recorded = _recorded(_PAID)
    body = json.dumps({"Resources": {"Key": {"Type": "AWS::KMS::Key"}}})

    def template(asked: dict[str, Any]) -> dict[str, Any]:
        return {"TemplateBody": body if asked["StackName"] == "Web-dev" else "{}"}

    recorded.answers = {**recorded.answers, "GetTemplate": template}
    deployed = recorded.deployed()
    cost(deployed, months=1, today=_TODAY)
    assert deployed.answer["least"] == 1


def test_the_local_cloud_costs_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    recorded = _recorded(_PAID)
    deployed = recorded.deployed()
    deployed.local = True
    assert cost(deployed, months=2, today=_TODAY) == 0
    assert "the local cloud costs nothing" in capsys.readouterr().out
    assert recorded.parameters("GetCostAndUsage") == []


def test_a_number_of_months_that_cost_explorer_has_not_is_refused() -> None:
    with pytest.raises(UsageError, match="MONTHS is a number from 1 to 13, not 14"):
        cost(_recorded(_PAID).deployed(), months=14)
