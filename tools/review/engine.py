"""Compare templates with the CDK CLI's own diff engine."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

from tools.assembly import Template
from tools.review.errors import ReviewError

# These change nothing that runs: the CDK's own notes, and the order of a deployment.
_UNFELT = ("Metadata", "DependsOn")
_SCRIPT = Path(__file__).with_name("diff.js")


class Property(NamedTuple):
    """A property that differs; `impact` is the engine's word such as WILL_REPLACE."""

    path: str
    old: Any
    new: Any
    impact: str


class Resource(NamedTuple):
    """A resource that differs; `impact` as for a property, also WILL_CREATE, WILL_DESTROY and WILL_ORPHAN."""

    logical_id: str
    type: str
    impact: str
    stateful: bool
    properties: list[Property]


class Difference(NamedTuple):
    """All that differs between two templates."""

    resources: list[Resource]
    outputs: list[str]


def compare(pairs: list[tuple[Template, Template]]) -> list[Difference]:
    """Return the difference of each pair of an old and a new template; raise ReviewError if Node fails."""
    if not pairs:
        return []
    node = Path(sys.executable).with_name("node")
    try:
        run = subprocess.run(
            [node, _SCRIPT],
            input=json.dumps([{"old": old, "new": new} for old, new in pairs]),
            capture_output=True,
            text=True,
            check=True,
        )
    except (OSError, subprocess.CalledProcessError) as error:
        raise ReviewError("the CDK's diff engine does not start: run `make setup` first") from error
    return [_difference(each) for each in json.loads(run.stdout)]


def _difference(answer: dict[str, Any]) -> Difference:
    return Difference(resources=[_resource(each) for each in answer["resources"]], outputs=answer["outputs"])


def _resource(answer: dict[str, Any]) -> Resource:
    changes = [*answer["properties"], *(each for each in answer["other"] if each["name"] not in _UNFELT)]
    return Resource(
        logical_id=answer["logicalId"],
        type=answer.get("newType") or answer["oldType"],
        impact=answer["impact"],
        stateful=answer["stateful"],
        properties=[
            Property(each["name"], each.get("old"), each.get("new"), each["impact"]) for each in changes
        ],
    )
