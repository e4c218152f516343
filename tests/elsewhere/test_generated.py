"""Each place gets a valid manifest of any environment, or says which field stands against it."""

import os
import re
from typing import Any

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from infra.elsewhere import notes, refusals
from infra.parameters import Environment, Place, Tasks
from tests.elsewhere.examples import PLACES, at, manifests
from tests.elsewhere.test_alerts import mistakes as alerts_mistakes
from tests.elsewhere.test_edge import mistakes as edge_mistakes
from tests.elsewhere.test_manifests import mistakes
from workshop.campaign.call import Call
from workshop.campaign.generated import _value, environments

# That AWS would take, each in both places. More for an hour's rest: ENVIRONMENTS=2000.
EXAMPLES = int(os.environ.get("ENVIRONMENTS", "75"))
# Of all fields, AWS has most of its own: every second environment has these alone.
_PORTABLE = ("name", "proxy", "max_body_mib", "health_check", "variables", "sidecars", "log_days", "alarms")
_PORTABLE_TOO = ("longest_request_s", "secrets", "release_command", "removal", "tags", "workers", "jobs")
COUNTS = {"written": 0, "refused": 0}


@st.composite
def made(draw: st.DrawFn) -> Environment | None:
    """Return an environment that AWS would take, or None."""
    if draw(st.booleans()):
        call = draw(environments(nonsense=False))
    else:
        size = {"cpu": 2048, "memory_mib": 4096, "max": draw(st.integers(2, 20))}
        names = {"name", *draw(st.sets(st.sampled_from((*_PORTABLE, *_PORTABLE_TOO))))}
        values = {name: draw(_value(Environment, name, nonsense=False)) for name in sorted(names)}
        call = Call(Environment, values | {"tasks": Call(Tasks, size)})
    try:
        return call.made()  # type: ignore[return-value]
    except ValidationError:
        return None


def _named(sentence: str) -> str:
    found = re.match(r"[a-z_]+", sentence.removeprefix("Google(").removeprefix("Azure("))
    return found[0] if found else ""


@settings(
    max_examples=EXAMPLES,
    deadline=None,
    database=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)
@given(made())
def _every_environment(environment: Environment | None) -> None:
    assume(environment is not None)
    assert environment
    for place in PLACES:
        _one(environment, at(place, environment))


def _one(environment: Environment, place: Place) -> None:
    assert all(notes(environment, place))
    sentences = list(refusals(environment, place))
    if sentences:
        COUNTS["refused"] += 1
        assert all(_named(each) in Environment.model_fields for each in sentences), sentences
        return
    COUNTS["written"] += 1
    faults: list[Any] = [mistakes(each, place) for each in manifests(environment, place)]
    assert not any(faults), faults
    assert alerts_mistakes(environment, place) == []
    edge = place.model_copy(update={"edge": True})
    assert list(refusals(environment, edge)) or edge_mistakes(environment, edge) == []


def test_every_environment_is_written_validly_or_refused_by_the_name_of_a_field(report: list[str]) -> None:
    COUNTS.update(written=0, refused=0)
    _every_environment()
    report.append(
        f"environments for two other clouds: {COUNTS['written']} written, {COUNTS['refused']} refused"
    )
    assert COUNTS["written"] >= EXAMPLES // 5
    assert COUNTS["refused"] >= EXAMPLES // 5
