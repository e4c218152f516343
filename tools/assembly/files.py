"""Find the templates of all environments in the folder that a synth wrote."""

import json
import sys
from pathlib import Path

from tools.assembly.resources import Properties, Template

CDK_OUT = Path(__file__).resolve().parents[2] / "cdk.out"


def artifacts(cdk_out: Path = CDK_OUT) -> dict[str, Properties]:
    """Return what the CDK CLI reads beside each environment's template, by environment.

    Exits with one line where there was no synth.
    """
    if not (cdk_out / "manifest.json").exists():
        sys.exit(f"there is no synth in {cdk_out}: run `make synth` first")
    manifest = json.loads((cdk_out / "manifest.json").read_text())
    return {
        name.removeprefix("Web-"): artifact["properties"]
        for name, artifact in manifest["artifacts"].items()
        if artifact["type"] == "aws:cloudformation:stack" and name.startswith("Web-")
    }


def templates(cdk_out: Path = CDK_OUT) -> dict[str, Template]:
    """Return each environment's template, with the resources of its database beside those of its service.

    Exits with one line where there was no synth.
    """
    made: dict[str, Template] = {}
    for environment, properties in artifacts(cdk_out).items():
        template = json.loads((cdk_out / properties["templateFile"]).read_text())
        data = cdk_out / f"Data-{environment}.template.json"
        if data.exists():
            template["Resources"] |= json.loads(data.read_text())["Resources"]
        made[environment] = template
    return made
