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
# What the kit imports only where a setting turns it on. An app that has another version of it cannot use the setting.
OPTIONS = {"flask-limiter": "RATE_LIMIT", "prometheus-client": "PROMETHEUS_TOKEN"}
# A laptop with this Python can run the commands, so it can run the app too wherever the app's packages allow it.
OLDEST = "3.11"


@dataclass
class Made:
    """The locks by their paths, as they are to be written, and what a person should know."""

    texts: dict[Path, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    no_tracing: str = ""  # why requests of this app cannot be traced


def make(service: Path, tests: Path, *, architectures: Iterable[str], upgrade: str) -> Made:
    """Return the locks of the app; raise LockError where there can be none."""
    app = App(service)
    made = Made(notes=[*app.notes])
    kits = _lines(service / KITS)
    colliding = dict(_collisions(app, kits))
    kits = [each for each in kits if name_of(each) not in OPTIONS or name_of(each) not in colliding]
    if wrong := [sentence for name, sentence in colliding.items() if name not in OPTIONS]:
        raise LockError("\n".join(wrong))
    made.notes += [
        f"{OPTIONS[name]} cannot be used: {sentence}"
        for name, sentence in colliding.items()
        if name in OPTIONS
    ]
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
                    inputs,
                    constraints=bound,
                    overrides=server,
                    before=before,
                    python=python,
                    upgrade=upgrade,
                    pins=app.pins,
                )
            except LockError as error:
                reason = error
                if "no network" in str(error):
                    break
            else:
                return f"{app.header}# For Python {python} and newer.\n{text}"
        raise LockError(f"{_blamed(str(reason), app, kits)}{reason}")

    text = lock(service / LOCK, inputs, bound)
    made.notes += _tell_of_builds(text, app, architectures)
    made.texts[service / LOCK] = text
    made.notes += [
        f"{SERVER} {each} is set aside: the server is the kit's (service/{KITS})."
        for each in app.servers
        if f"\n{SERVER}=={each} " not in text
    ]
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
    return (
        list(dict.fromkeys([oldest, app.python])) if _numbers(oldest) < _numbers(app.python) else [app.python]
    )


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(each) for each in version.split(".")[:2])


def _collisions(app: App, kits: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Yield name and sentence of each version of the app's that the kit cannot run with."""
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
                    pin.name,
                    f"{pin.name} {pin.version} in service/{wanted.source} does not go together with the kit, which "
                    f"needs {pin.name}{asked.specifier} (service/{KITS}): lock a version of that range.",
                )


def _blamed(reason: str, app: App, kits: Iterable[str]) -> str:
    """Return a sentence that names the app's pin and the kit's range, where uv's reason has both."""
    words = reason.replace(",", " ").replace("`", " ").split()
    pins = {
        f"{pin.name}=={pin.version}": f"{pin.name} {pin.version} in service/{each.source}"
        for each in app.wanted
        for pin in each.pins
    }
    ours = [each for each in kits if any(word.startswith(name_of(each)) for word in words)]
    theirs = dict.fromkeys(pins[word] for word in words if word in pins)
    if not ours or not theirs:
        return ""
    return (
        f"{' and '.join(theirs)} does not go together with the kit, which needs {' and '.join(ours)} "
        f"(service/{KITS}): lock another version. What uv says:\n"
    )


def _tell_of_builds(text: str, app: App, architectures: Iterable[str]) -> Iterator[str]:
    """Yield a sentence for each package that pip has to build in the image, before any image is built."""
    packages = app.service / PACKAGES
    lines = packages.read_text().splitlines() if packages.is_file() else []
    if any(line.startswith("build:") for line in lines):
        return  # the team knows
    for each in wheels.lacking(text, python=app.python, architectures=architectures):
        other = (
            f" set architecture='{each.elsewhere[0]}' in tasks, for which it has one;"
            if each.elsewhere
            else ""
        )
        yield (
            f"{each.name} {each.version} has no wheel for the image (Python {app.python}, {each.architecture}): pip "
            "builds it there, which works if it is pure Python, because the image has no compiler. If it is not: lock "
            f"another version;{other} or write what its build needs into service/{PACKAGES}, such as `build: gcc`."
        )
