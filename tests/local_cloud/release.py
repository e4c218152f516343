"""Make releases from one synth in milliseconds, each with other code or another template."""

import hashlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tools.assembly import variables, web_container
from tools.local_cloud.state import REPOSITORY

Edit = Callable[[dict[str, Any]], None]


def release(
    assembly: Path, folder: Path, *, stack: str = "Web-dev", code: str = "", edit: Edit | None = None
) -> Path:
    """Copy an assembly with `code` at the end of the app's package, and with the template edited."""
    copy = folder / "assembly"
    shutil.copytree(assembly, copy)
    if code:
        _replace(copy, *_with_code(copy, stack, code))
    if edit:
        path = copy / f"{stack}.template.json"
        template = json.loads(path.read_text())
        edit(template)
        path.write_text(json.dumps(template))
    _rename_template(copy, stack)
    return copy


def _with_code(copy: Path, stack: str, code: str) -> tuple[str, str]:
    images = json.loads((copy / f"{stack}.assets.json").read_text())["dockerImages"]
    [old] = (each for each in images if (copy / f"asset.{each}" / "gunicorn_conf.py").exists())
    new = hashlib.sha256(f"{old}{code}".encode()).hexdigest()
    (copy / f"asset.{old}").rename(copy / f"asset.{new}")
    module = copy / f"asset.{new}" / "__init__.py"
    module.write_text(f"{module.read_text()}\n{code}\n")
    return old, new


def _rename_template(copy: Path, stack: str) -> None:
    """Rename the template to its hash: the CLI does not upload a template under a hash that it knows."""
    files = json.loads((copy / f"{stack}.assets.json").read_text())["files"]
    [old] = [key for key, file in files.items() if file["source"]["path"] == f"{stack}.template.json"]
    new = hashlib.sha256((copy / f"{stack}.template.json").read_bytes()).hexdigest()
    _replace(copy, old, new)


def _replace(copy: Path, old: str, new: str) -> None:
    # The container's VERSION is the beginning of the image's hash.
    for path in copy.glob("*.json"):
        text = path.read_text()
        path.write_text(text.replace(old, new).replace(f'"{old[:12]}"', f'"{new[:12]}"'))


def resource(template: dict[str, Any], kind: str) -> dict[str, Any]:
    """Return the properties of a template's only resource of a type."""
    [found] = [item for item in template["Resources"].values() if item["Type"] == kind]
    properties: dict[str, Any] = found["Properties"]
    return properties


def web(template: dict[str, Any]) -> dict[str, Any]:
    """Return the definition of the service's own container, to be changed in place."""
    tasks = [item for item in template["Resources"].values() if item["Type"] == "AWS::ECS::TaskDefinition"]
    [container] = (
        each for task in tasks for each in task["Properties"]["ContainerDefinitions"] if each["Name"] == "web"
    )
    found: dict[str, Any] = container
    return found


def version(assembly: Path, stack: str = "Web-dev") -> str:
    """Return the version that the release calls itself."""
    template = json.loads((assembly / f"{stack}.template.json").read_text())
    return variables(web_container(template))["VERSION"]


CDK = str(REPOSITORY / "node_modules" / ".bin" / "cdk")
