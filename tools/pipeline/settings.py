"""Turn what `cdk deploy Pipeline --outputs-file` wrote into the one variable that the workflows read."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from infra.parameters import Environment, Fleet
from tools.pipeline.errors import PipelineError

_OUTPUT = "Settings"


_LAST = "prod"


def of_fleets(environments: Sequence[Environment], fleets: Sequence[Fleet]) -> dict[str, Any]:
    """Return what the workflows need of fleets: all environments, and the members of the last stage.

    `stay_s` is how long each has to serve well before the next.
    """
    last = next((each for each in fleets if each.name == _LAST), None)
    if not last:
        return {}
    return {
        "all": [each.name for each in environments],
        _LAST: [each.name for each in last.members],
        "stay_s": last.bake_minutes * 60,
    }


def merged(paths: list[Path], more: dict[str, Any] | None = None) -> str:
    """Return one JSON of the stacks of all accounts, and `more`; raise PipelineError for other files."""
    found: dict[str, Any] = {"environments": {}}
    for path in paths:
        try:
            outputs = json.loads(path.read_text())
            stacks = {
                name: json.loads(values[_OUTPUT]) for name, values in outputs.items() if _OUTPUT in values
            }
        except (OSError, ValueError, TypeError, AttributeError) as error:
            raise PipelineError(f"{path} is not what --outputs-file writes: {error}") from None
        if not stacks:
            raise PipelineError(
                f"{path} has no output '{_OUTPUT}': deploy the stack Pipeline with --outputs-file"
            )
        for settings in stacks.values():
            found["environments"] |= settings.pop("environments", {})
            found |= settings
    return json.dumps(found | (more or {}))
