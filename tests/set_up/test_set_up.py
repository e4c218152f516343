"""Test that the first command in a fresh clone works in any folder, and says what is wrong if it cannot."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.checkout import ROOT, check_out

# The variables by which this machine reaches package indexes, and no other of its variables.
NETWORK = {
    name: value
    for name, value in os.environ.items()
    if name.upper().startswith(("PIP_", "UV_", "NPM_", "SSL_", "NODE_EXTRA_", "HTTP_PROXY", "HTTPS_PROXY"))
}
DEAD = "http://127.0.0.1:9/"


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """Make a fresh clone in a folder with a space in its name."""
    return check_out(tmp_path / "a b")


def run(clone: Path, *words: str, **variables: str) -> subprocess.CompletedProcess[str]:
    home = clone.parent / "an empty home"
    home.mkdir(exist_ok=True)
    return subprocess.run(
        words,
        cwd=clone,
        env={"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": str(home), **variables},
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_folder_with_a_space_in_its_name_is_set_up_and_synthesised(clone: Path) -> None:
    done = run(clone, "make", f"PYTHON={sys._base_executable}", "synth", **NETWORK)  # type: ignore[attr-defined]  # outside any venv
    assert done.returncode == 0, done.stderr
    assert "Web-prod.template.json" in {path.name for path in (clone / "cdk.out").iterdir()}
    assert (clone / ".venv" / "bin" / "nginx").exists()


def test_without_a_network_set_up_says_so(clone: Path) -> None:
    offline = {"PIP_CONFIG_FILE": os.devnull, "PIP_INDEX_URL": DEAD, "PIP_RETRIES": "0"}
    done = run(clone, "make", f"PYTHON={sys._base_executable}", "setup", **offline)  # type: ignore[attr-defined]  # outside any venv
    assert done.returncode != 0
    assert "no network: pip could not reach its package index." in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("command", "offline"),
    [
        (
            ["uv", "pip", "sync", "--no-cache", "--dry-run", "--python", sys.executable, "requirements.txt"],
            {"UV_INDEX_URL": DEAD, "UV_HTTP_RETRIES": "0"},
        ),
        (["npm", "ci"], {"NPM_CONFIG_REGISTRY": DEAD, "NPM_CONFIG_FETCH_RETRIES": "0"}),
    ],
    ids=["uv", "npm"],
)
def test_without_a_network_a_later_download_says_so(
    clone: Path, command: list[str], offline: dict[str, str]
) -> None:
    path = f"{Path(sys.prefix) / 'bin'}:/usr/bin:/bin"
    done = run(clone, "tools/download.sh", *command, PATH=path, **offline)
    assert done.returncode != 0
    assert done.stderr.startswith(f"no network: {command[0]} could not reach its package index.")


def test_a_download_that_fails_for_another_reason_shows_its_own_words(clone: Path) -> None:
    done = run(clone, "tools/download.sh", "sh", "-c", "echo disk is full >&2; exit 7")
    assert (done.returncode, done.stderr) == (7, "disk is full\n")


def test_cdk_before_the_set_up_says_what_to_run(clone: Path) -> None:
    cdk = ROOT / "node_modules" / "aws-cdk" / "bin" / "cdk"
    done = run(clone, str(Path(sys.prefix) / "bin" / "node"), str(cdk), "synth")
    assert done.returncode != 0
    assert "Nothing is set up here yet: run make setup first" in done.stderr
