"""Write the parameters of a checkout's environments to the file that is the argument.

The process has the checkout's own packages, which may be older, so this file imports nothing of tools.
"""

import json
import sys
from pathlib import Path
from typing import Any


def plain(value: Any) -> Any:
    """Return typed parameters as JSON, with the class's name where a field takes several."""
    if hasattr(type(value), "model_fields"):
        fields = {name: plain(getattr(value, name)) for name in type(value).model_fields}
        return {"": type(value).__name__, **fields}
    if isinstance(value, dict):
        return {str(key): plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(each) for each in value]
    return value if isinstance(value, str | int | float | bool | None) else str(value)


def environments() -> dict[str, Any] | None:
    """Return every environment's parameters by name; None if this commit describes them in another way."""
    try:
        from infra.environments import ENVIRONMENTS  # noqa: PLC0415 # of the checkout, once it is known

        return {environment.name: plain(environment) for environment in ENVIRONMENTS}
    except (ImportError, AttributeError):
        return None


def main() -> None:
    """Write the parameters as JSON."""
    sys.path.insert(0, str(Path.cwd()))
    Path(sys.argv[1]).write_text(json.dumps(environments()))


if __name__ == "__main__":
    main()
