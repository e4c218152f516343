"""Find secrets that an environment which may be thrown away shares with one that is to stay."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from infra.parameters import Environment, SecretsManagerSecret, SecureParameter


class _Place(NamedTuple):
    """Where a value is stored; the account is None where it is that of the credentials."""

    store: str
    name: str
    region: str
    account: str | None


def borrowed(environment: Environment, others: Sequence[Environment]) -> Iterator[str]:
    """Yield a sentence about each secret of `environment` that another one, which stays, reads, too."""
    if environment.removal == "retain":
        return
    staying = [each for each in others if each.removal == "retain"]
    for variable, place in _places(environment):
        for other in staying:
            if any(_same(place, theirs) for _, theirs in _places(other)):
                yield (
                    f"secrets has {variable} at {place.name}, which {other.name} reads, too: whoever changes "
                    f"{environment.name}, and whatever runs there, would know it. Give it its own, "
                    f"such as {_own(place.name, environment.name)}"
                )
                break


def _places(environment: Environment) -> Iterator[tuple[str, _Place]]:
    here = environment.region, environment.account
    for variable, choice in environment.secrets.items():
        match choice:
            case SecureParameter():
                yield variable, _Place("parameter", choice.name.removeprefix("/"), *here)
            case SecretsManagerSecret(name=str(name)):
                yield variable, _Place("secret", name, *here)
            case SecretsManagerSecret(arn=str(arn)):
                # arn:aws:secretsmanager:REGION:ACCOUNT:secret:NAME-AbCdEf
                _, _, _, region, account, _, name = arn.split(":", 6)
                yield variable, _Place("secret", name[:-7], region, account)


def _same(one: _Place, other: _Place) -> bool:
    accounts = {one.account, other.account} - {None}
    return one[:3] == other[:3] and len(accounts) <= 1


def _own(name: str, environment: str) -> str:
    head, slash, rest = name.partition("/")
    return f"{head}/{environment}/{rest.rpartition('/')[2]}" if slash else f"{environment}-{head}"
