"""Find the Dockerfile behind a container's image in the folder that a synth has written."""

import json
from functools import cached_property
from pathlib import Path
from typing import Any

from infra.policy.dockerfile import read_dockerfile
from infra.policy.image import Stage


class Assets:
    """The images that the apps of a synth build."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def image_of(self, image: Any) -> Stage | None:
        """Return the stage that an image is built from; None for an image that this app does not build."""
        text = json.dumps(image)
        for digest, source in self._sources.items():
            if digest in text:
                return self._read(source)
        return None

    @cached_property
    def _sources(self) -> dict[str, dict[str, Any]]:
        # https://docs.aws.amazon.com/cdk/v2/guide/deploy.html : an image's tag is the hash of its source.
        return {
            digest: image["source"]
            for path in sorted(self._folder.glob("*.assets.json"))
            for digest, image in json.loads(path.read_text()).get("dockerImages", {}).items()
            if "directory" in image["source"]  # other images are built by a command instead
        }

    def _read(self, source: dict[str, Any]) -> Stage | None:
        context = self._folder / source["directory"]
        try:
            return read_dockerfile(
                context / source.get("dockerFile", "Dockerfile"),
                context=context,
                target=source.get("dockerBuildTarget"),
                build_args=source.get("dockerBuildArgs"),
            )
        except (OSError, ValueError):
            return None  # the build itself reports the error
