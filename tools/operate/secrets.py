"""Compare a file such as .env with what the app needs, and store the secrets in it (`make secrets`)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from infra.contract import ServiceSettings, read_settings
from infra.parameters import SET_BY_INFRA, Environment, parameter_name
from tools.environments import find
from tools.operate.deployed import Deployed
from tools.operate.errors import NotDeployedError, OperateError, UsageError
from tools.operate.secret import declared, tell_what_to_roll
from tools.secrets import EnvFileError, Place, Store, StoreError, keep, place_of, read
from tools.show import console, table

_SERVICE = Path(__file__).resolve().parents[2] / "service"
_REFERENCE = re.compile(r"\$\{[A-Za-z_]\w*[^}]*\}")


@dataclass
class Compared:
    """The names in a file by what they are to the app, and those that are missing in it."""

    declared: list[str] = field(default_factory=list)
    undeclared: list[str] = field(
        default_factory=list
    )  # secrets that the app reads and the environment lacks
    variables: list[str] = field(default_factory=list)
    set_by_kit: list[str] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)


def secrets(deployed: Deployed, *, source: Path | None, kind: str, roll: bool, kept_in: Path | None) -> int:
    """Store what a file has; without one, show what is stored. The exit code is 1 when a value is missing."""
    store = Store(deployed.client, makes_any=kept_in is not None)
    try:
        if not source:
            return _show(deployed, store)
        values = _values(source)
        compared = compare(values, find(deployed.environment), read_settings(), code=_code())
        places = _places(deployed, compared, kind)
        done = store.write({place: values[name] for name, place in places.items()})
        if kept_in:
            keep(kept_in, {name: values[name] for name in places})
            console.print(f"The values are kept in {kept_in}, for the next `make up`, too.", markup=False)
        _tell(compared, places, done, source, deployed.environment)
        _tell_missing(deployed, store, compared)
        _tell_what_to_declare(deployed, compared, places, kind)
    except (EnvFileError, StoreError) as error:
        raise OperateError(str(error)) from None
    if {*done.values()} - {"same"}:
        tell_what_to_roll(deployed, roll=roll)
    return 1 if compared.missing or compared.undeclared else 0


def compare(
    given: Mapping[str, str], environment: Environment, settings: ServiceSettings | None, *, code: str
) -> Compared:
    """Sort the names of a file by who reads them; `code` is all text of the app."""
    known = settings.settings if settings else {}
    found = Compared(missing=[name for name in environment.secrets if name not in given])
    for name in given:
        setting = known.get(name)
        if name in environment.secrets:
            found.declared.append(name)
        elif SET_BY_INFRA.fullmatch(name):
            found.set_by_kit.append(name)
        elif name in environment.variables or (setting and not setting.secret):
            found.variables.append(name)
        elif setting or _is_read(name, code):
            found.undeclared.append(name)
        else:
            found.unread.append(name)
    return found


def _is_read(name: str, code: str) -> bool:
    if name.startswith("FLASK_") and "from_prefixed_env" in code:
        return True
    return re.search(rf"(?<![A-Za-z0-9_]){re.escape(name)}(?![A-Za-z0-9_])", code) is not None


def _code() -> str:
    files = (path for folder in ("app", "src") for path in sorted((_SERVICE / folder).rglob("*.py")))
    return "\n".join(path.read_text(errors="replace") for path in files)


def _values(source: Path) -> dict[str, str]:
    values = read(source)
    if not values:
        raise UsageError(f"{source} has no line such as NAME=value.")
    for name, value in values.items():
        if _REFERENCE.search(value):
            raise UsageError(
                f"{name} in {source} is made of another variable (${{...}}), which no task does: write the"
                " whole value."
            )
    return values


def _places(deployed: Deployed, compared: Compared, kind: str) -> dict[str, Place]:
    environment = find(deployed.environment)
    places = {}
    for name in list(compared.declared):
        place = place_of(environment.secrets[name])
        if not place:
            try:
                place = declared(deployed, name)
            except (UsageError, NotDeployedError):
                continue  # the stack makes it later, at random; `_tell` says so
        places[name] = place
    for name in compared.undeclared:
        if kind == "json":
            places[name] = Place(name=f"web/{environment.name}/app", json_key=name)
        else:
            parameter = parameter_name(name, environment=environment.name)
            places[name] = Place(name=parameter, is_parameter=True)
    return places


def _tell(
    compared: Compared, places: Mapping[str, Place], done: Mapping[Place, str], source: Path, environment: str
) -> None:
    rows = [[name, f"{done[place]}: {place}"] for name, place in places.items()]
    rows += [
        [name, "not stored: a NewSecret() gets a random value from the stack"]
        for name in compared.declared
        if name not in places
    ]
    rows += [[name, "not stored: no secret, belongs into variables"] for name in compared.variables]
    rows += [[name, "not stored: the kit sets it"] for name in compared.set_by_kit]
    rows += [
        [name, "not stored: nothing in service/app and service/src reads it"] for name in compared.unread
    ]
    table(f"{source} for {environment}", ["Name", "What was done"], rows)


def _tell_missing(deployed: Deployed, store: Store, compared: Compared) -> None:
    """Say which declared secrets have no value, neither in the file nor stored before."""
    absent = _absent(deployed, store)
    compared.missing = [name for name in compared.missing if name in absent]
    if compared.missing:
        console.print(
            f"[red]No value yet:[/] {', '.join(compared.missing)}. `make secret NAME=...` stores one."
        )


def _absent(deployed: Deployed, store: Store) -> list[str]:
    places = {name: place_of(choice) for name, choice in find(deployed.environment).secrets.items()}
    return [name for name, place in places.items() if place and not store.has(place)]


def _tell_what_to_declare(
    deployed: Deployed, compared: Compared, places: Mapping[str, Place], kind: str
) -> None:
    if not compared.undeclared:
        return
    if kind == "json":
        names = ", ".join(f'"{name}"' for name in compared.undeclared)
        comma = "," if len(compared.undeclared) == 1 else ""
        lines = [
            "secrets={",
            f'    name: SecretsManagerSecret(name="web/{deployed.environment}/app", json_key=name)',
            f"    for name in ({names}{comma})",
            "}",
        ]
        why = "One JSON secret of all costs $0.40 a month; AS=parameters makes a parameter of each, free."
    else:
        lines = [
            "secrets={",
            *(f'    "{name}": SecureParameter(name="{places[name].name}"),' for name in compared.undeclared),
            "}",
        ]
        why = "A parameter for each is free; AS=json makes one JSON secret of all, for $0.40 a month."
    console.print(
        f"\nThe app reads these. Declare them for {deployed.environment} in infra/environments.py:",
        *lines,
        why,
        sep="\n",
        markup=False,
    )


def _show(deployed: Deployed, store: Store) -> int:
    choices = find(deployed.environment).secrets
    absent = _absent(deployed, store)
    rows = [
        [name, str(place_of(choice) or "made by the stack"), "MISSING" if name in absent else "stored"]
        for name, choice in choices.items()
    ]
    table(
        f"Secrets that {deployed.environment} declares" + ("" if rows else ": none"),
        ["Name", "Place", ""],
        rows,
    )
    if absent:
        console.print(f"`make secret NAME={absent[0]} ENV={deployed.environment}` stores a value.")
    return 1 if absent else 0
