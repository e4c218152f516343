"""Store the value of one secret where the environment declares it (`make secret`)."""

import getpass
import sys
from pathlib import Path

from infra.parameters import parameter_name, secret_example
from tools.environments import find
from tools.operate.deployed import Deployed
from tools.operate.errors import NotDeployedError, OperateError, UsageError
from tools.secrets import Place, Store, StoreError, keep, place_of
from tools.show import console


def secret(deployed: Deployed, *, name: str, roll: bool, kept_in: Path | None) -> int:
    """Ask for a value, or take it from standard input, and store it; `kept_in` is the local cloud's file."""
    place = declared(deployed, name)
    value = _given(name)
    if kept_in:
        keep(kept_in, {name: value})
        console.print(f"{name} is kept in {kept_in}, for the next `make up`, too.", markup=False)
    store = Store(deployed.client, makes_any=kept_in is not None)
    try:
        [done] = store.write({place: value}).values()
    except StoreError as error:
        raise OperateError(str(error)) from None
    words = {"same": "had this value already", "created": "is stored", "changed": "has its new value"}
    console.print(f"{name} {words[done]}: {place}.", markup=False)
    if done != "same":
        tell_what_to_roll(deployed, roll=roll)
    return 0


def keep_for_later(environment: str, name: str, kept_in: Path | None) -> int:
    """Keep a value for the next `make up`, where no local cloud runs."""
    _check(environment, name)
    if kept_in:
        keep(kept_in, {name: _given(name)})
        console.print(f"{name} is kept in {kept_in}: the next `make up` takes it.", markup=False)
    return 0


def declared(deployed: Deployed, name: str) -> Place:
    """Return where the environment says that a secret is; raises UsageError where it says nothing."""
    _check(deployed.environment, name)
    secrets = find(deployed.environment).secrets
    place = place_of(secrets[name])
    if place:
        return place
    output = "".join(part.capitalize() for part in name.split("_"))
    try:
        return Place(name=deployed.output(f"Secret{output}"))
    except NotDeployedError:
        example = parameter_name(name, environment=deployed.environment)
        raise UsageError(
            f"{name} is a NewSecret(), which the stack makes at its first deployment, with a random value:"
            f' deploy first, or declare it as SecureParameter(name="{example}").'
        ) from None


def _check(environment: str, name: str) -> None:
    secrets = find(environment).secrets
    if name not in secrets:
        known = ", ".join(secrets) or "none"
        example = secret_example(name or "API_KEY", environment=environment)
        raise UsageError(
            f"{environment} declares no secret {name or '(NAME=... names one)'}. It declares: {known}."
            f" Add it in infra/environments.py, for example {example}"
        )


def _given(name: str) -> str:
    if sys.stdin.isatty():
        try:
            value = getpass.getpass(f"Value of {name} (not shown): ")
        except EOFError:
            value = ""
    else:
        value = sys.stdin.read()
        # What `echo` and editors add at the end of a line is no part of a value.
        value = value.removesuffix("\n").removesuffix("\r")
    if not value:
        raise UsageError(
            f"There is no value for {name}. Type it, or give it on standard input, for example: make secret"
            f" NAME={name} < file"
        )
    if "\0" in value:
        raise UsageError(f"The value of {name} has a zero byte, which no environment variable can hold.")
    return value


def tell_what_to_roll(deployed: Deployed, *, roll: bool) -> None:
    """Say which services use the old value until they are rolled; roll them if asked."""
    try:
        services = [deployed.service(), *deployed.others()] if deployed.is_there() else []
    except NotDeployedError:
        services = []
    if not services:
        console.print(f"{deployed.stack} has no service yet: its first deployment takes the value.")
        return
    for service in services:
        name = service["serviceName"]
        if roll:
            deployed.client("ecs").update_service(
                cluster=deployed.cluster, service=name, forceNewDeployment=True
            )
            console.print(f"Service {name} is being rolled: `make status` shows how far it is.", markup=False)
        else:
            command = f"--force-new-deployment --cluster {deployed.cluster} --service {name}"
            console.print(
                f"Tasks read secrets when they start: service {name} uses the old value until it is rolled."
                " ARGS=--roll rolls it now, and so does:\n"
                f"  aws ecs update-service {command}",
                markup=False,
            )
