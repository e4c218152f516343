"""Find which versions of an app's have to change, and to what, so that all can be changed at once.

The pins become wishes: the resolver keeps each that it can, and what differs in its answer has to change.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from packaging.specifiers import SpecifierSet
from packaging.version import InvalidVersion, Version

from tools.locks import wheels
from tools.locks.errors import LockError
from tools.locks.resolving import resolve
from tools.locks.sources import App
from tools.locks.wanted import SERVER, Pin, Wanted

_PINNED_TO = re.compile(r"\s*={2,3}\s*[^\s;,*]+(?=\s*(;|$))")
_LOCKED = re.compile(r"^([a-z0-9][a-z0-9._-]*)(?:\[[^]]*])?==([^\s;\\]+)", re.MULTILINE)


_OLDER = "3.11"


class Broken(NamedTuple):
    """Versions that a Python installs and cannot import, and the first that it can."""

    versions: str
    python: str
    first: str


# Tried with Python 3.13.0: `import sqlalchemy`, `import webob`. Their changelogs name what mended it:
# https://docs.sqlalchemy.org/en/20/changelog/changelog_20.html#change-2.0.31
# https://pypi.org/project/WebOb/1.8.9/ ("Add legacy-cgi to required packages": Python 3.13 has no cgi)
BROKEN = {
    "sqlalchemy": Broken(">=2,<2.0.31", "3.13", "2.0.31"),
    "webob": Broken("<1.8.9", "3.13", "1.8.9"),
}


def broken(app: App) -> Iterator[tuple[str, str]]:
    """Yield name and sentence of each pin that the image's Python installs, and cannot import."""
    for wanted in app.wanted:
        for pin in wanted.pins:
            known = BROKEN.get(pin.name)
            if known and _since(app.python, known.python) and _is_of(pin.version, known.versions):
                sentence = (
                    f"{pin.name} {pin.version} in service/{wanted.source} cannot be imported by Python "
                    f"{app.python}, the image's: {known.first} is the first that can."
                )
                yield pin.name, sentence


def changes(
    app: App, inputs: Mapping[str, Sequence[str]], *, architectures: Iterable[str], builds: bool
) -> str:
    """Return the lines to change, each with the version to take, and nothing where no such versions exist.

    `builds` says that the image has what it needs to compile packages, so that none needs a wheel.
    """
    architectures = [*architectures]
    why = dict.fromkeys((name for name, _ in broken(app)), f"Python {app.python} can import it")
    # What mends an import is the least change.
    wished = {pin.name: BROKEN[pin.name].first if pin.name in why else pin.version for pin in app.pins}
    try:
        text = _resolved(app, inputs, wished)
        if not builds and (unbuilt := _unbuilt(text, app, architectures)):
            others = {name: version for name, version in wished.items() if name not in unbuilt}
            text = _resolved(app, inputs, others, *(f"{name}!={old}" for name, old in unbuilt.items()))
            still = _unbuilt(text, app, architectures)
            why |= {name: "it has a wheel for the image" for name in unbuilt if name not in still}
        changed = _needed(app, inputs, wished | dict(_LOCKED.findall(text)), why)
    except LockError:
        return ""
    return "".join(_told(app, changed, why))


def _resolved(
    app: App, inputs: Mapping[str, Sequence[str]], wished: Mapping[str, str], *constraints: str
) -> str:
    """Return a lock that keeps what it can of the versions wished for.

    A version changes its first number only where no other way is left: that may break the app.
    """
    near = [f"{pin.name}<{_next(pin)}" for pin in app.pins if _next(pin)]
    try:
        return _once(app, inputs, wished, *near, *constraints)
    except LockError:
        return _once(app, inputs, wished, *constraints)


def _once(app: App, inputs: Mapping[str, Sequence[str]], wished: Mapping[str, str], *constraints: str) -> str:
    return resolve(
        {name: [_PINNED_TO.sub("", line) for line in lines] for name, lines in inputs.items()},
        constraints=[*(line for each in app.wanted for line in each.constraints), *constraints],
        before="".join(f"{name}=={version}\n" for name, version in wished.items()),
        python=app.python,
    )


def _needed(
    app: App, inputs: Mapping[str, Sequence[str]], versions: dict[str, str], why: Mapping[str, str]
) -> dict[str, str]:
    """Return the versions after each change was tried once to be none, or else a smaller one."""
    for pin in app.pins:
        if versions.get(pin.name, pin.version) == pin.version:
            continue
        tries = [] if pin.name in why else [[f"{pin.name}=={pin.version}"]]
        if (near := _next(pin)) and not _is_of(versions[pin.name], f"<{near}"):
            tries.append([f"{pin.name}<{near}", f"{pin.name}!={pin.version}"])
        for constraints in tries:
            try:
                text = _once(app, inputs, versions, *constraints)
            except LockError:
                continue
            versions = versions | dict(_LOCKED.findall(text))
            break
    return versions


def _unbuilt(lock: str, app: App, architectures: Iterable[str]) -> dict[str, str]:
    """Return the pins that the image would have to compile."""
    names = {pin.name for pin in app.pins}
    found = wheels.lacking(lock, python=app.python, architectures=architectures)
    versions = {each.name: each.version for each in found if each.name in names}
    # Of pure Python pip makes a wheel anywhere: it is machine code if older Pythons have wheels with it.
    lines = "".join(f"{name}=={version}\n" for name, version in versions.items())
    with_code = wheels.compiled(lines, python=_OLDER) if lines else set()
    return {name: version for name, version in versions.items() if name in with_code}


def _told(app: App, versions: Mapping[str, str], why: Mapping[str, str]) -> Iterator[str]:
    for wanted in app.wanted:
        lines = list(dict.fromkeys(_lines(wanted, versions, why)))
        if not lines:
            continue
        many = "this version" if len(lines) == 1 else f"these {len(lines)} versions at once"
        yield f"\nChange {many} in service/{wanted.source}, all others can stay; then `make lock`:\n"
        yield "\n".join(lines)


def _lines(wanted: Wanted, versions: Mapping[str, str], why: Mapping[str, str]) -> Iterator[str]:
    for pin in wanted.pins:
        version = versions.get(pin.name, pin.version)
        if version != pin.version and pin.name != SERVER:
            reason = f"   # {why[pin.name]}" if pin.name in why else ""
            yield f"  {pin.name}=={pin.version}  ->  {pin.name}=={version}{reason}"


def _next(pin: Pin) -> str:
    try:
        version = Version(pin.version)
    except InvalidVersion:
        return ""
    return f"{f'{version.epoch}!' if version.epoch else ''}{version.major + 1}"


def _since(python: str, first: str) -> bool:
    return [*map(int, python.split("."))] >= [*map(int, first.split("."))]


def _is_of(version: str, versions: str) -> bool:
    try:
        return SpecifierSet(versions).contains(version, prereleases=True)
    except InvalidVersion:
        return False
