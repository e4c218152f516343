"""Synthesise a checkout as its app.py does, then write the parameters of its environments.

The process has the checkout's own packages, which may be older, so this file imports nothing of tools.
"""

import json
import runpy
import sys
from pathlib import Path
from typing import Any

# The file with the parameters, which stands beside cdk.out.
PARAMETERS = "parameters.json"


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


def refused_by_a_rule(cdk_out: Path) -> bool:
    """Return whether there are templates, and a report that a rule refuses them."""
    report = cdk_out / "validation-report.json"
    if not (report.exists() and (cdk_out / "manifest.json").exists()):
        return False
    return any(each["conclusion"] == "failure" for each in json.loads(report.read_text())["pluginReports"])


def main() -> None:
    """Synthesise to CDK_OUTDIR, which is the first argument; the parameters stand beside it."""
    cdk_out = Path(sys.argv[1])
    sys.path[0] = str(Path.cwd())
    sys.argv = ["app.py"]
    try:
        runpy.run_path("app.py", run_name="__main__")
    except Exception:
        if not refused_by_a_rule(cdk_out):
            raise
    (cdk_out.parent / PARAMETERS).write_text(json.dumps(environments()))


if __name__ == "__main__":
    main()
