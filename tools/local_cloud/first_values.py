"""Give the local cloud the values of secrets that an environment declares, from `.env.local` or a prompt."""

import getpass
import sys
from collections.abc import Iterator
from pathlib import Path

from infra.parameters import Environment, SharedLoadBalancer
from tools.environments import find
from tools.local_cloud.errors import LocalCloudError
from tools.local_cloud.running import Running
from tools.secrets import EnvFileError, Place, Store, StoreError, keep, place_of, read
from tools.show import console


def store(known: Running, file: Path) -> None:
    """Store what the file has; ask for what neither it nor the local cloud has, and keep that there."""
    places = {name: place for each in _deployed(known.environment) for name, place in _places(each)}
    values = Store(known.cloud.client, makes_any=True)
    try:
        kept = {name: value for name, value in _read(file).items() if name in places}
        missing = [name for name, place in places.items() if name not in kept and not values.has(place)]
        if missing:
            asked = _ask(missing, known.environment, file)
            keep(file, asked)
            kept |= asked
        values.write({places[name]: value for name, value in kept.items()})
    except (EnvFileError, StoreError) as error:
        raise LocalCloudError(str(error)) from None


def _deployed(environment: str) -> Iterator[Environment]:
    """Yield the environment and, before it, the one whose load balancer it uses."""
    found = find(environment)
    if isinstance(found.load_balancer, SharedLoadBalancer):
        yield from _deployed(found.load_balancer.owner)
    yield found


def _places(environment: Environment) -> Iterator[tuple[str, Place]]:
    for name, choice in environment.secrets.items():
        if place := place_of(choice):
            yield name, place


def _read(file: Path) -> dict[str, str]:
    if not file.exists():
        return {}
    if file.stat().st_mode & 0o077:
        file.chmod(0o600)
        console.print(f"{file} could be read by others: now it is yours alone (mode 0600).", markup=False)
    return read(file)


def _ask(missing: list[str], environment: str, file: Path) -> dict[str, str]:
    names = ", ".join(missing)
    if not sys.stdin.isatty():
        raise LocalCloudError(
            f"{environment} needs values for {names}. Write them into {file}, a line such as"
            f" {missing[0]}=value for each; git ignores that file. On a terminal, `make up` asks for them."
        )
    console.print(f"{environment} needs values for {names}; they are kept in {file}.", markup=False)
    asked = {}
    for name in missing:
        try:
            asked[name] = getpass.getpass(f"Value of {name} (not shown): ")
        except EOFError:
            asked[name] = ""
        if not asked[name]:
            raise LocalCloudError(f"Without a value for {name} the tasks of {environment} cannot start.")
    return asked
