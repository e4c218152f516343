"""Turn what `cdk deploy Pipeline --outputs-file` wrote into the one variable that the workflows read."""

import json
from pathlib import Path
from typing import Any

from tools.pipeline.errors import PipelineError

_OUTPUT = "Settings"


def merged(paths: list[Path]) -> str:
    """Return one JSON of the stacks of all accounts; raise PipelineError for other files."""
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
    return json.dumps(found)
