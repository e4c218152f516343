"""Describe the command and the files of an image, as far as its Dockerfile tells."""

from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath


@dataclass(frozen=True, kw_only=True)
class Copied:
    """A COPY or ADD; `stage` is the stage that it copies from, None the build's context."""

    sources: tuple[str, ...]
    destination: PurePosixPath
    stage: "Stage | None"


@dataclass(kw_only=True)
class Stage:
    """The result of a FROM and the instructions below it, with those of its base in the same file.

    A command in shell form is written as Docker runs it: ("/bin/sh", "-c", its text).
    """

    context: Path
    entry_point: tuple[str, ...] = ()
    command: tuple[str, ...] = ()
    variables: dict[str, str] = field(default_factory=dict)
    folder: PurePosixPath = field(default_factory=lambda: PurePosixPath("/"))
    user: str = ""
    copied: tuple[Copied, ...] = ()

    def read(self, path: str) -> str | None:
        """Return the text of a file of the image; None if it is not text or not from the context."""
        found = self._find(self.folder / path)
        try:
            return found.read_text() if found else None
        except (OSError, UnicodeDecodeError):
            return None

    def _find(self, path: PurePosixPath) -> Path | None:
        for copied in reversed(self.copied):
            for source in copied.sources:
                for candidate in _before(path, source, copied.destination):
                    if copied.stage:
                        found = copied.stage._find(PurePosixPath("/") / candidate)  # noqa: SLF001 (itself)
                    else:
                        found = self.context / str(candidate).lstrip("/")
                    if found and found.is_file():
                        return found
        return None


def _before(path: PurePosixPath, source: str, destination: PurePosixPath) -> list[PurePosixPath]:
    """Return the paths that a COPY of `source` may have copied to `path`."""
    given = PurePosixPath(source)
    folder = [given / path.relative_to(destination)] if path.is_relative_to(destination) else []
    return [*folder, given] if path in (destination, destination / given.name) else folder
