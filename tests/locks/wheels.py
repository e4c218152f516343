"""Make tiny wheels, so that a resolver and an installer work without a network."""

import base64
import hashlib
import io
import tarfile
import zipfile
from pathlib import Path


def wheel(
    folder: Path, name: str, version: str, *needs: str, tag: str = "py3-none-any", extras: str = ""
) -> str:
    """Write a wheel that needs others; return its hash. `extras` are lines of its metadata."""
    stem = f"{name.replace('-', '_')}-{version}"
    lines = [
        "Metadata-Version: 2.1",
        f"Name: {name}",
        f"Version: {version}",
        *(f"Requires-Dist: {each}" for each in needs),
    ]
    files = {
        f"{name.replace('-', '_')}.py": f"VERSION = '{version}'\n",
        f"{stem}.dist-info/METADATA": "\n".join([*lines, *extras.splitlines(), "", ""]),
        f"{stem}.dist-info/WHEEL": f"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: {tag}\n",
    }
    record = "".join(f"{path},sha256={_digest(text)},{len(text)}\n" for path, text in files.items())
    files[f"{stem}.dist-info/RECORD"] = f"{record}{stem}.dist-info/RECORD,,\n"
    path = folder / f"{stem}-{tag}.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for name_in, text in files.items():
            archive.writestr(zipfile.ZipInfo(name_in), text)
    return hash_of(path)


def source(folder: Path, name: str, version: str) -> None:
    """Write a source archive, whose metadata can be read without building it."""
    head = f"Metadata-Version: 2.2\nName: {name}\nVersion: {version}\n".encode()
    with tarfile.open(folder / f"{name}-{version}.tar.gz", "w:gz") as archive:
        info = tarfile.TarInfo(f"{name}-{version}/PKG-INFO")
        info.size = len(head)
        archive.addfile(info, io.BytesIO(head))


def hash_of(path: Path) -> str:
    """Return a file's hash as locks write it."""
    return f"sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}"


def _digest(text: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()
