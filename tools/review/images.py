"""Find the containers whose image changes, and what changes in it."""

import filecmp
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from tools.assembly import Template, of_type, without_hash
from tools.review.reasons import Reason, listed
from tools.review.synthesis import Synthesis

_HASH = re.compile(r"\b[0-9a-f]{64}\b")


class Image(NamedTuple):
    """A container whose image changes; `files` are those that differ where both are built from source."""

    container: str
    old: str
    new: str
    files: list[str]

    @property
    def text(self) -> str:
        """Return the change in one line."""
        if self.files:
            return f"the image of container {self.container} is built again: {listed(self.files)} changed"
        if self.old and self.new:
            return f"container {self.container} runs another image: {self.old} before, {self.new} now"
        return f"container {self.container} is {'added' if self.new else 'removed'}"


def images(old: Template, new: Template, *, base: Synthesis, head: Synthesis) -> list[Image]:
    """Return every container, of any task definition, whose image changes."""
    before, after = _containers(old), _containers(new)
    return [
        _image(name, before.get(name, ""), after.get(name, ""), base, head)
        for name in sorted({*before, *after})
        if before.get(name) != after.get(name)
    ]


def reasons(found: list[Image]) -> Iterator[Reason]:
    """Yield a safe reason for each image: a new image is what a deployment is for."""
    for each in found:
        yield Reason("safe", each.text)


def _image(name: str, old: str, new: str, base: Synthesis, head: Synthesis) -> Image:
    sources = [_source(base, old), _source(head, new)]
    files = _differing(*sources) if all(sources) else []
    return Image(name, _short(old), _short(new), files)


def _containers(template: Template) -> dict[str, str]:
    """Return images by container, with the task definition's name where no service runs it."""
    services = [each.get("TaskDefinition", {}) for each in of_type(template, "AWS::ECS::Service")]
    own = {each["Ref"] for each in services if isinstance(each, dict) and "Ref" in each}
    return {
        each["Name"] if logical_id in own else f"{each['Name']} of {without_hash(logical_id)}": _text(
            each["Image"]
        )
        for logical_id, resource in template["Resources"].items()
        if resource["Type"] == "AWS::ECS::TaskDefinition"
        for each in resource["Properties"].get("ContainerDefinitions", [])
    }


def _text(image: object) -> str:
    return image if isinstance(image, str) else json.dumps(image)


def _short(image: str) -> str:
    """Return an image with its hash or digest shortened."""
    found = _HASH.search(image)
    if image.startswith("{") and found:
        return f"built from source ({found[0][:12]})"
    return _HASH.sub(lambda match: match[0][:12], image)


def _source(synthesis: Synthesis, image: str) -> Path | None:
    """Return the folder of the files that an image is built from, as the synth copied them."""
    found = _HASH.search(image)
    folder = synthesis.folder / f"asset.{found[0]}" if found and synthesis.folder else None
    return folder if folder and folder.is_dir() else None


def _differing(old: Path | None, new: Path | None) -> list[str]:
    if not old or not new:
        return []
    before, after = _files(old), _files(new)
    both = before & after
    _, different, unreadable = filecmp.cmpfiles(old, new, sorted(both), shallow=False)
    changed = sorted({*(before ^ after), *different, *unreadable})
    return changed or ["its platform or build arguments"]


def _files(folder: Path) -> set[str]:
    return {str(each.relative_to(folder)) for each in folder.rglob("*") if each.is_file()}
