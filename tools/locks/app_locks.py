"""Make the locks of an app: what the image has, what it has in addition to trace, what its tests need."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from packaging.requirements import Requirement
from packaging.version import InvalidVersion

from tools.locks import requirement_lines, wheels
from tools.locks.changes import broken, changes
from tools.locks.errors import LockError, NoNetworkError
from tools.locks.resolving import resolve
from tools.locks.sources import KITS, LOCK, PACKAGES, TESTS, TRACING, App
from tools.locks.wanted import SERVER, Wanted, name_of

TRACING_LOCK = "requirements-tracing.txt"
TEST_LOCK = "requirements-test.txt"
# What the kit imports only where a setting turns it on: an app with another version cannot use the setting.
OPTIONS = {"flask-limiter": "RATE_LIMIT", "prometheus-client": "PROMETHEUS_TOKEN"}
# A laptop with this Python can run the commands, and so the app too wherever the app's packages allow it.
OLDEST = "3.11"
_WHAT_UV_SAYS = " What uv says:\n"


@dataclass
class Made:
    """The locks by their paths, as they are to be written, and what a person should know."""

    texts: dict[Path, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    no_tracing: str = ""  # why requests of this app cannot be traced


def make(service: Path, *, architectures: Iterable[str], upgrade: str) -> Made:
    """Return the locks of the app; raise LockError where there can be none."""
    locking = _Locking(App(service), upgrade)
    app, made = locking.app, Made(notes=[*locking.notes])
    architectures = [*architectures]
    text = locking.first(architectures)
    made.texts[service / LOCK] = text
    made.notes += [
        f"{SERVER} {each} is set aside: the server is the kit's (service/{KITS})."
        for each in app.servers
        if f"\n{SERVER}=={each} " not in text
    ]
    if unbuilt := list(_builds(text, app, architectures)):
        made.notes += unbuilt
        said = changes(app, locking.inputs, architectures=architectures, builds=False)
        made.notes += [said.strip()] if said else []
    # The other two have the same versions, so that one environment can hold all.
    locking.bound += _versions(text)
    try:
        traced = {**locking.inputs, TRACING: _lines(service / TRACING)}
        made.texts[service / TRACING_LOCK] = locking.lock(service / TRACING_LOCK, traced)
    except NoNetworkError:
        raise
    except LockError as error:
        made.no_tracing = str(error)
    try:
        made.texts[service / TEST_LOCK] = locking.lock(service / TEST_LOCK, {TESTS: _lines(service / TESTS)})
    except NoNetworkError:
        raise
    except LockError as error:
        raise LockError(f"service/{TESTS} does not go together with the app's packages: {error}") from None
    return made


class _Locking:
    """Hold what all locks of one app have in common."""

    def __init__(self, app: App, upgrade: str) -> None:
        self.app, self.upgrade, self.notes = app, upgrade, app.notes
        self.kits = _lines(app.service / KITS)
        colliding = dict(_collisions(app, self.kits))
        self._wrong = [sentence for name, sentence in colliding.items() if name not in OPTIONS]
        self._wrong += [sentence for _, sentence in broken(app)]
        colliding = {name: sentence for name, sentence in colliding.items() if name in OPTIONS}
        self.notes += [f"{OPTIONS[name]} cannot be used: {sentence}" for name, sentence in colliding.items()]
        self.kits = [each for each in self.kits if name_of(each) not in colliding]
        teams = {each.source: each.requirements for each in app.wanted if each.requirements}
        self.inputs = {KITS: self.kits, **teams}
        self.bound = [line for each in app.wanted for line in each.constraints]
        self.bound += [pin.line for pin in app.pins]
        self._pythons = _pythons(app)

    def first(self, architectures: Iterable[str]) -> str:
        """Return the lock of the image; a LockError names all that has to change, not the first of it."""
        reason = "\n".join(self._wrong)
        if not reason:
            try:
                return self.lock(self.app.service / LOCK, self.inputs)
            except NoNetworkError:
                raise
            except LockError as error:
                reason = str(error)
        builds = bool(_to_build(self.app.service))
        said = changes(self.app, self.inputs, architectures=architectures, builds=builds)
        # With the remedy at hand, the resolver's way to the contradiction helps nobody.
        raise LockError(f"{reason.partition(_WHAT_UV_SAYS)[0] if said else reason}{said}")

    def lock(self, path: Path, inputs: dict[str, list[str]]) -> str:
        """Return a lock for the oldest Python that its packages allow; the first lock decides for all."""
        before = path.read_text() if path.is_file() else ""
        for python in self._pythons:
            try:
                text = resolve(
                    inputs,
                    constraints=self.bound,
                    overrides=[each for each in self.kits if name_of(each) == SERVER],
                    before=before,
                    python=python,
                    upgrade=self.upgrade,
                    pins=self.app.pins,
                )
            except NoNetworkError:
                raise
            except LockError as error:
                reason = str(error)
            else:
                self._pythons = [python]
                return f"{self.app.header}# For Python {python} and newer.\n{text}"
        raise LockError(f"{_blamed(reason, self.app, self.kits)}{reason}")


def _lines(path: Path) -> list[str]:
    wanted = Wanted(path.name)
    requirement_lines.read(path, wanted)
    return wanted.requirements


def _versions(lock: str) -> list[str]:
    """Return the pins of a lock without their hashes."""
    return [
        line.partition(" \\")[0]
        for line in lock.splitlines()
        if "==" in line and not line.startswith((" ", "#"))
    ]


def _pythons(app: App) -> list[str]:
    """Return the Pythons to try a lock for, the oldest first: the commands' own, then the image's."""

    def numbers(version: str) -> list[int]:
        return [int(each) for each in version.split(".")[:2]]

    oldest = max(OLDEST, app.oldest_python or OLDEST, key=numbers)
    return list(dict.fromkeys([min(oldest, app.python, key=numbers), app.python]))


def _collisions(app: App, kits: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Yield name and sentence of each version of the app's that the kit cannot run with."""
    ranges = {name_of(each): Requirement(each).specifier for each in kits if name_of(each) != SERVER}
    for wanted in app.wanted:
        for pin in wanted.pins:
            try:
                fits = pin.name not in ranges or ranges[pin.name].contains(pin.version, prereleases=True)
            except InvalidVersion:
                continue
            if not fits:
                sentence = (
                    f"{pin.name} {pin.version} in service/{wanted.source} does not go together with the kit, "
                    f"which needs {pin.name}{ranges[pin.name]} (service/{KITS}): lock one of that range."
                )
                yield pin.name, sentence


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
        f"(service/{KITS}): lock another version.{_WHAT_UV_SAYS}"
    )


def _to_build(service: Path) -> list[str]:
    """Return the system packages that the team has for what pip builds in the image."""
    packages = service / PACKAGES
    lines = packages.read_text().splitlines() if packages.is_file() else []
    return [line for line in lines if line.startswith("build:")]


def _builds(lock: str, app: App, architectures: Iterable[str]) -> Iterator[str]:
    """Yield a sentence for each package that pip has to build in the image, before any image is built."""
    if _to_build(app.service):
        return  # the team knows
    found: dict[tuple[str, tuple[str, ...]], list[str]] = {}
    for each in wheels.lacking(lock, python=app.python, architectures=architectures):
        found.setdefault((each.architecture, each.elsewhere), []).append(f"{each.name} {each.version}")
    for (architecture, elsewhere), names in found.items():
        one = len(names) == 1
        has, it, there = ("has", "it", "it has one") if one else ("have", "them", "they have some")
        other = f" set architecture='{elsewhere[0]}' in tasks, for which {there};" if elsewhere else ""
        yield (
            f"{', '.join(names)} {has} no wheel for the image (Python {app.python}, {architecture}): pip "
            f"builds {it} there, which works for pure Python, because the image has no compiler. Else "
            f"change the pin, then `make lock UPGRADE=NAME`;{other} or write what the build needs into "
            f"service/{PACKAGES}, such as `build: gcc`."
        )
