"""Put what an environment should cost beside what the account paid for it (`make cost`)."""

from calendar import monthrange
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any, TypedDict

from tools.operate import verdict
from tools.operate.deployed import Deployed
from tools.operate.errors import NotDeployedError, UsageError
from tools.review import cost as estimates
from tools.show import console, table

# The tag of every resource of an environment (infra/environment_stack.py), which the budget counts by, too.
_TAG = "environment"
_ACTIVATE = "https://docs.aws.amazon.com/awsaccountbilling/latest/aboutv2/activating-tags.html"
# https://docs.aws.amazon.com/cost-management/latest/userguide/ce-what-is.html
_MOST_MONTHS = 13


class Month(TypedDict):
    """What an account paid in a month, in all and to each service of AWS."""

    month: str
    paid: float
    services: dict[str, float]


class Bill(TypedDict):
    """A month at list prices, with the fewest and the most tasks, and what was paid, by months."""

    least: float
    most: float
    by_use: list[str]
    currency: str
    months: list[Month]
    at_this_rate: float | None


def cost(deployed: Deployed, *, months: int, today: date | None = None) -> int:
    """Show estimate and payments; the exit code is 0 whatever they are."""
    if not 1 <= months <= _MOST_MONTHS:
        raise UsageError(f"MONTHS is a number from 1 to {_MOST_MONTHS}, not {months}.")
    today = today or datetime.now(UTC).date()
    estimate = _estimate(deployed)
    currency, paid = ("USD", []) if deployed.local else _paid(deployed, _first(today, months), today)
    found = deployed.answer = Bill(
        least=round(estimate.at_min, 2),
        most=round(estimate.at_max, 2),
        by_use=list(estimate.by_use),
        currency=currency,
        months=paid,
        at_this_rate=_rate(paid, today),
    )
    for name, said in _lines(deployed, found, today):
        console.print(f"{name:9} {said}", markup=False)
    services = sorted({name for each in paid for name in each["services"]}, key=_largest(paid))
    rows = [[name, *(f"{each['services'].get(name, 0):,.2f}" for each in paid)] for name in services]
    if rows:
        table(f"Paid, in {currency}", ["Service", *(each["month"] for each in paid)], rows)
    return 0


def _lines(deployed: Deployed, found: Bill, today: date) -> Iterator[tuple[str, str]]:
    bounds = f"{found['least']:,.0f} to {found['most']:,.0f} USD a month"
    yield (
        "Estimate",
        f"{bounds} at list prices, with the fewest and the most tasks, without traffic and taxes",
    )
    if found["by_use"]:
        names = ", ".join(name.removeprefix("AWS::") for name in found["by_use"])
        yield "Not in it", f"what is paid by use: {names}"
    if deployed.local:
        yield "Paid", "nothing: the local cloud costs nothing"
    elif not any(each["services"] for each in found["months"]):
        yield (
            "Paid",
            (
                f"Cost Explorer knows nothing of {_TAG}={deployed.environment}. Once for the account,"
                f" activate {_TAG} as a cost allocation tag; payments count from the day after: {_ACTIVATE}"
            ),
        )
    else:
        for each in found["months"]:
            so_far = " so far" if each["month"] == f"{today:%Y-%m}" else ""
            yield "Paid", f"{each['paid']:,.2f} {found['currency']} in {each['month']}{so_far}"
        if found["at_this_rate"] is not None:
            yield "", f"at this rate about {found['at_this_rate']:,.0f} {found['currency']} this month"


def _estimate(deployed: Deployed) -> estimates.Cost:
    """Return the cost of what is deployed, its data too."""
    web, data = (verdict.now(deployed, name) for name in (deployed.stack, f"Data-{deployed.environment}"))
    if not web:
        raise NotDeployedError(f"{deployed.stack} is not deployed: `make synth` shows what it would cost.")
    whole = web | {"Resources": web["Resources"] | data.get("Resources", {})}
    return estimates.cost(whole, region=str(deployed.session.region_name))


def _paid(deployed: Deployed, since: date, today: date) -> tuple[str, list[Month]]:
    """Return the currency, and what Cost Explorer knows of each month; each page of it costs a cent.

    https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_GetCostAndUsage.html
    """
    asked: dict[str, Any] = {
        "TimePeriod": {"Start": f"{since}", "End": f"{today + timedelta(days=1)}"},
        "Granularity": "MONTHLY",
        "Metrics": ["UnblendedCost"],
        "Filter": {"Tags": {"Key": _TAG, "Values": [deployed.environment]}},
        "GroupBy": [{"Type": "DIMENSION", "Key": "SERVICE"}],
    }
    months: dict[str, dict[str, float]] = {}
    currency = "USD"
    while True:
        answer = deployed.client("ce").get_cost_and_usage(**asked)
        for period in answer["ResultsByTime"]:
            of_month = months.setdefault(period["TimePeriod"]["Start"][:7], {})
            for group in period.get("Groups", []):
                amount = group["Metrics"]["UnblendedCost"]
                currency = amount["Unit"]
                of_month[group["Keys"][0]] = float(amount["Amount"])
        if not answer.get("NextPageToken"):
            break
        asked["NextPageToken"] = answer["NextPageToken"]
    return currency, [
        Month(month=name, paid=round(sum(services.values()), 2), services=services)
        for name, services in sorted(months.items())
    ]


def _first(today: date, months: int) -> date:
    """Return the first day of the first of these months, of which this one is the last."""
    number = 12 * today.year + today.month - months
    return date(number // 12, number % 12 + 1, 1)


def _rate(paid: list[Month], today: date) -> float | None:
    """Return this month's payment if it goes on so; what AWS bills late makes it too small at first."""
    if not paid or not paid[-1]["services"] or paid[-1]["month"] != f"{today:%Y-%m}":
        return None
    days = monthrange(today.year, today.month)[1]
    return round(paid[-1]["paid"] / today.day * days, 2)


def _largest(paid: list[Month]) -> Any:
    return lambda name: -max(each["services"].get(name, 0) for each in paid)
