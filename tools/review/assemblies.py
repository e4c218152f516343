"""Read what a synth wrote: every stack, also those of stages and nested ones, and how assets are kept."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from tools.assembly import Properties, Template, without_hash
from tools.review.errors import SynthesisError
from tools.review.iam.text import text
from tools.review.rules.directions import is_of_a_synth

_STACK = "aws:cloudformation:stack"
_NESTED = "AWS::CloudFormation::Stack"
_MOST_BYTES = 50 * 2**20
_HASH = re.compile(r"[0-9a-f]{64}")


class Stack(NamedTuple):
    """A stack: its name in the report, its path in the construct tree, and where it is deployed."""

    name: str
    path: str
    template: Template
    artifact: Properties


def stacks(cdk_out: Path) -> list[Stack]:
    """Return every stack of a synth; raise SynthesisError where it cannot be read."""
    try:
        found = list(_within(_Files(cdk_out), cdk_out, ""))
    except (KeyError, TypeError, ValueError, AttributeError, OSError, RecursionError) as error:
        raise SynthesisError(
            f"writes what cannot be read as a synth: {type(error).__name__}: {error}"
        ) from error
    names = [each.name for each in found]
    # The stack Web-dev is called dev, unless another one is.
    return [each._replace(name=each.path) if names.count(each.name) > 1 else each for each in found]


def assets(cdk_out: Path) -> set[str]:
    """Return how and where assets are built and kept, without the hashes of their contents."""
    found: set[str] = set()
    for written in _Files(cdk_out).manifests():
        for kind in ("files", "dockerImages"):
            for asset in written.get(kind, {}).values():
                source = {
                    key: each for key, each in asset["source"].items() if key not in ("path", "directory")
                }
                for place in asset["destinations"].values():
                    found.add(_HASH.sub("*", json.dumps([kind, source, place], sort_keys=True)))
    return found


def _within(files: "_Files", folder: Path, prefix: str) -> Iterator[Stack]:
    artifacts = files.json(folder / "manifest.json")["artifacts"]
    for id, artifact in artifacts.items():
        if artifact["type"] == "cdk:cloud-assembly":
            inner = folder / artifact["properties"]["directoryName"]
            yield from _within(files, inner, f"{prefix}{artifact.get('displayName', id)}/")
        elif artifact["type"] == _STACK:
            place = folder / artifact["properties"]["templateFile"]
            template = files.json(place)
            # The CLI deploys what stands under this address, and not the file.
            address = artifact["properties"].get("stackTemplateAssetObjectUrl")
            if address and files.published(address) != template:
                raise ValueError(f"{id} deploys another template than {place.name}")
            path = artifact.get("displayName") or f"{prefix}{id}"
            stack = Stack(
                id.removeprefix("Web-") if not prefix else path, path, _template(template), artifact
            )
            yield stack
            yield from _nested(files, stack)


def _nested(files: "_Files", parent: Stack) -> Iterator[Stack]:
    for logical_id, resource in parent.template["Resources"].items():
        address = resource.get("Properties", {}).get("TemplateURL") if resource["Type"] == _NESTED else None
        if address and is_of_a_synth(address):
            name = without_hash(logical_id)
            inner = Stack(
                f"{parent.name}/{name}",
                f"{parent.path}/{name}",
                _template(files.published(address)),
                {**parent.artifact, "nested": True},
            )
            yield inner
            yield from _nested(files, inner)


def _template(written: Any) -> Template:
    if not isinstance(written, dict) or not isinstance(written.get("Resources", {}), dict):
        raise TypeError("a template has no resources")
    for logical_id, resource in written.get("Resources", {}).items():
        if not isinstance(resource.get("Type"), str) or not isinstance(resource.get("Properties", {}), dict):
            raise TypeError(f"{logical_id} has no type, or properties that are none")
    return {"Resources": {}, **written}


class _Files:
    """The files of a synth, whose names the code under review wrote."""

    def __init__(self, root: Path) -> None:
        self._root = root.resolve()

    def json(self, path: Path) -> Any:
        """Return what a file says; raise ValueError for one that is no plain file of the synth."""
        inside = path.resolve()
        if self._root not in inside.parents:
            raise ValueError(f"{path.name} leads out of the synth")
        if not inside.is_file():
            raise ValueError(f"{path.name} is no file")
        if inside.stat().st_size > _MOST_BYTES:
            raise ValueError(f"{path.name} is larger than {_MOST_BYTES} bytes")
        return json.loads(inside.read_text())

    def manifests(self) -> Iterator[Any]:
        """Yield the lists of what is built and published."""
        for page in sorted(self._root.rglob("*.assets.json")):
            yield self.json(page)

    def published(self, address: Any) -> Any:
        """Return what the CLI publishes under an address; raise ValueError if that is nothing, or unsure."""
        key = text(address).rpartition("/")[2]
        found = [
            self.json(page.parent / file["source"]["path"])
            for page in sorted(self._root.rglob("*.assets.json"))
            for file in self.json(page).get("files", {}).values()
            if any(each["objectKey"].rpartition("/")[2] == key for each in file["destinations"].values())
        ]
        if not found or any(each != found[0] for each in found):
            raise ValueError(f"{len(found)} different files are published as {key}")
        return found[0]
