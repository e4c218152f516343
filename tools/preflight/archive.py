"""Read an image as `docker save` writes it: configuration, layers, and the names of all files."""

import json
import tarfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, cast

# Larger files rarely hold forgotten passwords, and take long to read.
READ_BYTES = 64 * 1024
# Docker compresses layers at this level before it pushes them. An eighth of a large layer
# tells how well the rest compresses.
_GZIP_LEVEL = 6
_CHUNK_BYTES, _SAMPLED = 1 << 20, 8
_HIDDEN = ".wh."
_ALL_HIDDEN = ".wh..wh..opq"


@dataclass(frozen=True, kw_only=True)
class File:
    """A file of a layer; small files of a kind that may hold a secret have their `text`."""

    path: str
    mode: int
    layer: int
    text: str = ""


@dataclass(kw_only=True)
class Image:
    """An image's content. A container sees `files`; `buried` are in lower layers, removed or replaced."""

    config: dict[str, Any]
    compressed_bytes: int = 0
    layers: int = 0
    files: dict[str, File] = field(default_factory=dict)
    buried: list[File] = field(default_factory=list)

    @property
    def settings(self) -> dict[str, Any]:
        """Return User, Env, Cmd and the like."""
        return cast(dict[str, Any], self.config.get("config") or {})

    @property
    def variables(self) -> dict[str, str]:
        """Return the image's environment variables."""
        return dict(pair.partition("=")[::2] for pair in self.settings.get("Env") or [])

    @property
    def command(self) -> list[str]:
        """Return the command that a container starts by default."""
        return [*(self.settings.get("Entrypoint") or []), *(self.settings.get("Cmd") or [])]

    @property
    def history(self) -> list[str]:
        """Return the instructions that made the image, which anybody can read."""
        return [entry.get("created_by", "") for entry in self.config.get("history", [])]


def read_archive(path: Path, *, interesting: str = "") -> Image:
    """Return the image in a file that `docker save` or `podman save` wrote.

    The text is kept of files whose paths end with one of the words in `interesting`.
    """
    with tarfile.open(path) as archive:
        (entry,) = json.load(_member(archive, "manifest.json"))
        image = Image(config=json.load(_member(archive, entry["Config"])))
        for number, layer in enumerate(entry["Layers"]):
            image.layers += 1
            image.compressed_bytes += _compressed(_member(archive, layer))
            with tarfile.open(fileobj=_member(archive, layer)) as files:
                _add(image, _files(files, number, tuple(interesting.split())))
    return image


def _member(archive: tarfile.TarFile, name: str) -> IO[bytes]:
    found = archive.extractfile(name)
    if found is None:
        raise tarfile.ReadError(f"{name} is no file")
    return found


def _compressed(layer: IO[bytes]) -> int:
    """Estimate the bytes of a layer as a registry keeps it."""
    compressed, size = layer.read(2) == b"\x1f\x8b", layer.seek(0, 2)
    if compressed:
        return size
    looked_at = out = 0
    for start in range(0, size, _CHUNK_BYTES * (_SAMPLED if size > 16 * _CHUNK_BYTES else 1)):
        layer.seek(start)
        chunk = layer.read(_CHUNK_BYTES)
        looked_at += len(chunk)
        out += len(zlib.compress(chunk, _GZIP_LEVEL))
    return out * size // looked_at if looked_at else 0


def _files(layer: tarfile.TarFile, number: int, interesting: tuple[str, ...]) -> Iterator[File]:
    for member in layer:
        text = ""
        if member.isfile() and member.size <= READ_BYTES and f"/{member.name}".endswith(interesting):
            text = _member_text(layer, member)
        yield File(
            path="/" + member.name.removeprefix("./").strip("/"),
            mode=member.mode,
            layer=number,
            text=text,
        )


def _member_text(layer: tarfile.TarFile, member: tarfile.TarInfo) -> str:
    found = layer.extractfile(member)
    return found.read().decode(errors="replace") if found else ""


def _add(image: Image, files: Iterator[File]) -> None:
    """Add a layer over the earlier ones; files that it removes or replaces stay readable in the image."""
    for file in files:
        folder, _, name = file.path.rpartition("/")
        if name == _ALL_HIDDEN:
            gone = [path for path in image.files if path.startswith(f"{folder}/")]
        elif name.startswith(_HIDDEN):
            hidden = f"{folder}/{name.removeprefix(_HIDDEN)}"
            gone = [path for path in image.files if path == hidden or path.startswith(f"{hidden}/")]
        else:
            gone = [file.path] if file.path in image.files else []
            old = image.files.get(file.path)
            image.files[file.path] = file
            if old:
                image.buried.append(old)
            continue
        image.buried += [image.files.pop(path) for path in gone]
