"""Play the changes of docs/parameters.md as updates of a running stack at load: none may lose a request.

Changes that touch different fields are deployed together, there and back. What the page says to replace or
interrupt, or AWS to refuse, is left out, as is what the local cloud does not have.
"""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from infra.application import build_app
from infra.parameters import Environment
from infra.parameters.model import Parameters
from tests.local_cloud.bare import bare
from tests.local_cloud.conftest import command
from tests.local_cloud.load import Load
from tools.local_cloud import cdk, running, up
from tools.local_cloud.running import Running
from tools.local_cloud.state import State
from workshop.parameters_page import PAGE, is_played
from workshop.when_changed import PAIRS

REGION = "eu-west-1"
Arguments = dict[str, Any]


def played() -> list[str]:
    """Return the changes that should not be noticed, and that the local cloud can play."""
    return [name for name in PAIRS if is_played(name)]


@dataclass
class Step:
    """Changes that are deployed together: the environment before them, and after."""

    names: list[str] = field(default_factory=list)
    before: Arguments = field(default_factory=dict)
    after: Arguments = field(default_factory=dict)

    def takes(self, name: str) -> bool:
        """Add a change, unless it contradicts one that is there."""
        before, after = PAIRS[name]
        with suppress(ValueError):
            first, then = _together(self.before, before), _together(self.after, after)
            names = [*self.names, name]
            if not all(_still_changes(each, first, then) for each in names):
                return False
            environment(first)
            environment(then)
            self.names, self.before, self.after = names, first, then
            return True
        return False


def _together(some: Arguments, more: Arguments) -> Arguments:
    """Return both; raise ValueError where they set one thing to two values."""
    return {**some, **{key: _both(some[key], value) if key in some else value for key, value in more.items()}}


def _still_changes(name: str, before: Arguments, after: Arguments) -> bool:
    """Return whether what a change sets is different before and after it, among others as well."""
    first, then = map(_flat, PAIRS[name])
    now = _flat(before), _flat(after)
    changed = [key for key in {**first, **then} if first.get(key) != then.get(key)]
    return all((now[0].get(key), now[1].get(key)) == (first.get(key), then.get(key)) for key in changed)


def _flat(arguments: Arguments) -> dict[str, Any]:
    """Return what is set by its path."""
    found: dict[str, Any] = {}
    for name, value in arguments.items():
        if isinstance(value, Parameters | dict):
            inside = value if isinstance(value, dict) else _set(value)
            found |= {f"{name}.{key}": each for key, each in _flat(inside).items()}
            found[name] = type(value)
        else:
            found[name] = value
    return found


def _both(one: Any, other: Any) -> Any:
    if one == other:
        return one
    if isinstance(one, Parameters) and type(one) is type(other):
        return type(one)(**_together(_set(one), _set(other)))
    if isinstance(one, dict) and isinstance(other, dict):
        return _together(one, other)
    raise ValueError(f"{one} and {other}")


def _set(one: Parameters) -> Arguments:
    return {name: getattr(one, name) for name in one.model_fields_set}


def environment(arguments: Arguments) -> Environment:
    return Environment(**{"name": "dev", "removal": "destroy", **arguments})


def steps() -> list[Step]:
    """Return as few steps as hold all changes."""
    found: list[Step] = []
    for name in played():
        if not any(each.takes(name) for each in found):
            found.append(Step())
            assert found[-1].takes(name), name
    return found


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> Iterator[State]:
    """Start an emulator with a bootstrap and what the changes refer to."""
    state = State(tmp_path_factory.mktemp("changed"))
    cloud = bare(state, REGION, runner=True).cloud
    cdk.bootstrap(cloud)
    for name in ("web", "api", "web/test/a", "web/test/b"):
        cloud.client("secretsmanager").create_secret(Name=name, SecretString='{"a": "b"}')
    for name in ("/web/a", "/web/b", "/web/password", "/web/other"):
        cloud.client("ssm").put_parameter(Name=name, Value="b", Type="SecureString")
    yield state
    command(state, "down")


def known(state: State) -> Running:
    return replace(running.required(state), region=REGION)


def synthesised(folder: Path, arguments: Arguments) -> Path:
    build_app(environment(arguments), outdir=str(folder)).synth()
    return folder


def test_as_many_changes_are_played_as_the_page_says() -> None:
    assert f"{len(played())} were played" in PAGE.read_text()


def test_no_change_loses_a_request(state: State, tmp_path: Path, report: list[str]) -> None:
    sent = 0
    for number, step in enumerate(steps()):
        before = synthesised(tmp_path / f"{number}-before", step.before)
        after = synthesised(tmp_path / f"{number}-after", step.after)
        assert up.roll_out(state, known(state), before) == 0, step.names
        with Load(known(state).front_port) as load:
            assert up.roll_out(state, known(state), after) == 0, step.names
            assert up.roll_out(state, known(state), before) == 0, step.names
        assert load.failed == [], step.names
        sent += load.sent
    report.append(f"{len(played())} changes there and back: sent {sent}, failed 0")
