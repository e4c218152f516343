"""Make the three locks of an app: what the image has, what it has in addition to trace, and what tests need."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from packaging.requirements import Requirement
from packaging.version import InvalidVersion

from tools.locks import requirement_lines, wheels
from tools.locks.errors import LockError
from tools.locks.resolving import resolve
from tools.locks.sources import KITS, LOCK, PACKAGES, TEAMS, TRACING, App
from tools.locks.wanted import SERVER, Wanted, name_of

TRACING_LOCK = "requirements-tracing.txt"
# A laptop with this Python can run the commands, so it can run the app too wherever the app's packages allow it.
OLDEST = "3.11"


@dataclass
class Made:
    """The locks by their paths, as they are to be written, and what a person should know."""

    texts: dict[Path, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    no_tracing: str = ""  # why requests of this app cannot be traced


def make(
    service: Path, tests: Path, *, architectures: Iterable[str], upgrade: str
) -> Made:
    """Return the locks of the app; raise LockError where there can be none."""
    app = App(service)
    made = Made(notes=[*app.notes])
    kits = _lines(service / KITS)
    if colliding := list(_collisions(app, kits)):
        raise LockError("\n".join(colliding))
    inputs = {KITS: kits, **{each.source: each.requirements for each in app.wanted if each.requirements}}
    server = [each for each in kits if name_of(each) == SERVER]
    bound = [line for each in app.wanted for line in each.constraints]
    bound += [pin.line for pin in app.pins if pin.name != SERVER]
    python = ""

    def lock(path: Path, inputs: dict[str, list[str]], bound: list[str]) -> str:
        nonlocal python
        before = path.read_text() if path.is_file() else ""
        for python in _pythons(app, python):  # noqa: B007 (the one that works is the next locks', too)
            try:
                text = resolve(
                    inputs, constraints=bound, overrides=server, before=before, python=python,
                    upgrade=upgrade, pins=app.pins,
                )
            except LockError as error:
                reason = error
                if "no network" in str(error):
                    break
            else:
                return f"{app.header}# For Python {python} and newer.\n{text}"
        raise reason

    text = lock(service / LOCK, inputs, bound)
    _check_wheels(text, app, architectures, made)
    made.texts[service / LOCK] = text
    chosen = [line.partition(" \\")[0] for line in text.splitlines() if "==" in line and line[0] not in " #"]
    try:
        traced = {**inputs, TRACING: _lines(service / TRACING)}
        made.texts[service / TRACING_LOCK] = lock(service / TRACING_LOCK, traced, [*bound, *chosen])
    except LockError as error:
        if "no network" in str(error):
            raise
        made.no_tracing = str(error)
    wanted = Wanted("tests/app/requirements.in")
    requirement_lines.read(tests / TEAMS, wanted)
    try:
        needed = {"tests": [*wanted.requirements]}
        made.texts[tests / LOCK] = lock(tests / LOCK, needed, [*wanted.constraints, *chosen])
    except LockError as error:
        raise LockError(f"tests/app/{TEAMS} does not go together with the app's packages: {error}") from None
    return made


def _lines(path: Path) -> list[str]:
    wanted = Wanted(path.name)
    requirement_lines.read(path, wanted)
    return wanted.requirements


def _pythons(app: App, decided: str) -> list[str]:
    """Return the oldest Pythons to try a lock for: the tools', then the image's."""
    if decided:
        return [decided]
    asked = app.oldest_python
    oldest = max((OLDEST, asked), key=_numbers) if asked else OLDEST
    return list(dict.fromkeys([oldest, app.python])) if _numbers(oldest) < _numbers(app.python) else [app.python]


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(each) for each in version.split(".")[:2])


def _collisions(app: App, kits: Iterable[str]) -> Iterator[str]:
    """Yield a sentence for each version of the app's that the kit cannot run with."""
    ranges = {name_of(each): Requirement(each) for each in kits}
    for wanted in app.wanted:
        for pin in wanted.pins:
            asked = ranges.get(pin.name)
            if not asked or pin.name == SERVER:
                continue
            try:
                fits = asked.specifier.contains(pin.version, prereleases=True)
            except InvalidVersion:
                continue
            if not fits:
                yield (
                    f"{pin.name} {pin.version} in service/{wanted.source} does not go together with the kit, which "
                    f"needs {pin.name}{asked.specifier} (service/{KITS}): lock a version of that range."
                )


def _check_wheels(text: str, app: App, architectures: Iterable[str], made: Made) -> None:
    found = wheels.lacking(text, python=app.python, architectures=architectures)
    compiles = (app.service / PACKAGES).is_file() and any(
        line.startswith("build:") for line in (app.service / PACKAGES).read_text().splitlines()
    )
    sentences = [_sentence(each, app.python) for each in found if each.anywhere]
    if sentences and not compiles:
        raise LockError("\n".join(sentences))
    made.notes += [f"{each.name} {each.version} is compiled in the image." for each in found if each.anywhere]
    if names := sorted({f"{each.name} {each.version}" for each in found if not each.anywhere}):
        made.notes.append(
            f"{', '.join(names)}: no wheel at all. pip builds it in the image, which needs no more if it is pure "
            f"Python, and else `build:` lines in service/{PACKAGES}."
        )


def _sentence(each: wheels.Lacking, python: str) -> str:
    other = f"set architecture='{each.elsewhere[0]}' in tasks, for which it has one; " if each.elsewhere else ""
    return (
        f"{each.name} {each.version} has no wheel for the image (Python {python}, {each.architecture}), and the image "
        f"has no compiler. Lock another version; {other}or have it compiled: write what that needs into "
        f"service/{PACKAGES}, such as `build: gcc` and `build: libpq-dev`."
    )
