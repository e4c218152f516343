import io
import json
import tarfile
from pathlib import Path

import pytest

from tools.preflight import secret_words
from tools.preflight.archive import Image, read_archive

KEY = "-----BEGIN RSA PRIVATE KEY-----\n"


def layer(**files: str) -> bytes:
    """Return an image layer with these files; a double underscore in a name stands for a slash."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        for name, text in files.items():
            member = tarfile.TarInfo(name.replace("__", "/"))
            member.size = len(text)
            tar.addfile(member, io.BytesIO(text.encode()))
    return out.getvalue()


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """Make an image of three layers: the second replaces a file, the third removes a file and a folder."""
    layers = {
        "1.tar": layer(
            **{"app__a.py": "old", "app__server.key": KEY, "app__old__.env": "A=1", "usr__x.key": KEY}
        ),
        "2.tar": layer(**{"app__a.py": "new"}),
        "3.tar": layer(**{"app__.wh.server.key": "", "app__old__.wh..wh..opq": ""}),
    }
    config = {"architecture": "arm64", "config": {"User": "10001"}, "history": [{"created_by": "RUN x"}]}
    manifest = [{"Config": "config.json", "Layers": list(layers)}]
    path = tmp_path / "image.tar"
    with tarfile.open(path, "w") as tar:
        everything = {
            **layers,
            "config.json": json.dumps(config).encode(),
            "manifest.json": json.dumps(manifest).encode(),
        }
        for name, content in everything.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return path


def test_a_container_sees_what_the_last_layers_left(archive: Path) -> None:
    image = read_archive(archive, interesting=".key .py")
    assert {path: file.text for path, file in image.files.items()} == {"/app/a.py": "new", "/usr/x.key": KEY}
    assert image.layers == 3


def test_what_a_later_layer_removed_or_replaced_is_still_told(archive: Path) -> None:
    image = read_archive(archive, interesting=".key .py")
    assert {(file.path, file.layer) for file in image.buried} == {
        ("/app/a.py", 0),
        ("/app/server.key", 0),
        ("/app/old/.env", 0),
    }


def test_a_secret_that_was_removed_is_found_and_one_of_the_system_is_not(archive: Path) -> None:
    found = [where for where, _ in secret_words.faults(read_archive(archive, interesting=secret_words.READ))]
    assert found == [
        "/app/server.key (a private key), deleted later but still in layer 1",
        "/app/old/.env (a file for secrets), deleted later but still in layer 1",
    ]


def test_the_size_is_that_of_compressed_layers(archive: Path) -> None:
    assert 0 < read_archive(archive).compressed_bytes < archive.stat().st_size / 10


@pytest.mark.parametrize("name", ["GPG_KEY", "PYTHON_SHA256", "TOKENIZERS_PARALLELISM", "PATH"])
def test_names_that_are_no_secrets_are_left_alone(name: str) -> None:
    image = Image(config={"config": {"Env": [f"{name}=0123456789abcdef"]}})
    assert list(secret_words.faults(image)) == []


@pytest.mark.parametrize(
    ("pair", "found"),
    [
        ("DB_PASSWORD=x", "variable DB_PASSWORD"),
        ("AWS_SECRET_ACCESS_KEY=x", "variable AWS_SECRET_ACCESS_KEY"),
        ("DATABASE_URL=postgres://me:hunter2@db/app", "variable DATABASE_URL holds a password in a URL"),
        ("ID=AKIAABCDEFGHIJKLMNOP", "variable ID holds an AWS access key"),
    ],
)
def test_a_secret_in_a_variable_is_named_and_its_value_is_not(pair: str, found: str) -> None:
    assert [where for where, _ in secret_words.faults(Image(config={"config": {"Env": [pair]}}))] == [found]
