"""Define what a check is, and what it may answer."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from infra.parameters import Environment
from tools.operate.deployed import Deployed

Scope = Literal["machine", "account", "region", "environment"]


@dataclass(frozen=True)
class Answer:
    """An answer in words; `well` is None where nobody could be asked."""

    well: bool | None
    says: str


def well(says: str) -> Answer:
    """Return the answer of a check that found all well."""
    return Answer(well=True, says=says)


def wrong(says: str) -> Answer:
    """Return the answer of a check that found what a deploy would fail on."""
    return Answer(well=False, says=says)


def not_asked(says: str) -> Answer:
    """Return the answer of a check that could not ask."""
    return Answer(well=None, says=says)


@dataclass(frozen=True)
class Situation:
    """The environment that is to be deployed, all others of the team, and a way to ask AWS."""

    environment: Environment
    others: Sequence[Environment]
    deployed: Deployed

    def client(self, service: str, region: str | None = None) -> Any:
        """Return a boto3 client, for a service that is in another region if need be."""
        if region is None:
            return self.deployed.client(service)
        return self.deployed.session.client(service, region_name=region)  # type: ignore[call-overload] # any service

    @property
    def everyone(self) -> list[Environment]:
        """Return the team's environments and this one, each once."""
        return [*(each for each in self.others if each.name != self.environment.name), self.environment]


@dataclass(frozen=True, kw_only=True)
class Check:
    """One thing that must be so before a first deploy: how to find it out, and how to mend it.

    `fix` may have the fields account, region, qualifier and name, which `filled` puts in.
    docs/deploy-checklist.md is made from these.
    """

    name: str
    once_per: Scope
    wants: str
    fix: str
    takes: str
    costs: str
    ask: Callable[[Situation], Answer]
    applies: Callable[[Environment], bool] = lambda _: True
    asks_aws: bool = True
    # Whether the local cloud has played the fix.
    played: bool = False

    def filled(self, environment: Environment, account: str) -> str:
        """Return the fix with the values of an environment."""
        return self.fix.format(
            account=account,
            region=environment.region,
            qualifier=environment.bootstrap_qualifier,
            name=environment.name,
        )
