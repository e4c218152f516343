"""Write the locks that other tools make, of the same app and with the same versions."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from tests.locks.conftest import Team

VERSIONS = {
    "flask": "3.0.3",
    "werkzeug": "2.5",
    "shop-client": "1.0",
    "orders": "2.0",
    "colorama": "2.5",
    "asgiref": "2.0",
}
ALL = [*VERSIONS.items(), ("taxes", "2.5"), ("taxes", "3.0")]
ON_WINDOWS = "sys_platform == 'win32'"
MARKERS = {
    ("colorama", "2.5"): ON_WINDOWS,
    ("taxes", "2.5"): "python_version < '3.12'",
    ("taxes", "3.0"): "python_version >= '3.12'",
}
PROJECT = """
[project]
name = "shop"
version = "1.0"
requires-python = ">=3.11"
dependencies = ["flask[async]", "shop-client"]

[dependency-groups]
dev = ["pytest"]
"""
POETRYS = """
[tool.poetry]
name = "shop"

[tool.poetry.dependencies]
python = "^3.11"
flask = {version = "^3.0", extras = ["async"]}
shop-client = "~1.0"

[tool.poetry.group.dev.dependencies]
pytest = "*"
"""


def uv(team: Team) -> None:
    """Let uv itself lock, bound to the versions of the others."""
    bound = ", ".join(f'"{name}=={version}"' for name, version in VERSIONS.items())
    team.write(pyproject__toml=f"{PROJECT}\n[tool.uv]\nconstraint-dependencies = [{bound}]\n")
    command = [str(Path(sys.executable).with_name("uv")), "lock", "--quiet", "--project", str(team.service)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def poetry(team: Team, *, before_2: bool) -> None:
    """Write poetry.lock: before 2.0 there are no markers, before 1.3 the hashes stand at the end."""
    blocks, files = [], []
    for name, version in [*ALL, ("pytest", "3.0")]:
        marker = MARKERS.get((name, version))
        block = f'[[package]]\nname = "{name}"\nversion = "{version}"\noptional = false\n'
        block += f'python-versions = "{_pythons(marker)}"\n'
        listed = f'[{{file = "x.whl", hash = "{team.hash(name, version)}"}}]'
        if before_2:
            files.append((name, listed))
        else:
            group = "dev" if name == "pytest" else "main"
            block += f'groups = ["{group}"]\nfiles = {listed}\n' + (
                f'markers = "{marker}"\n' if marker else ""
            )
        blocks.append(block)
    end = '\n[metadata]\npython-versions = "^3.11"\n'
    if before_2:
        # Of two versions of a package, a lock of that time has one entry for both files.
        found: dict[str, list[str]] = {}
        for name, listed in files:
            found.setdefault(name, []).append(listed[1:-1])
        end += "[metadata.files]\n" + "".join(
            f"{name} = [{', '.join(each)}]\n" for name, each in found.items()
        )
    team.write(pyproject__toml=POETRYS, poetry__lock="\n".join(blocks) + end)


def _pythons(marker: str | None) -> str:
    return (
        marker.replace("python_version ", "").replace("'", "") if marker and "python" in marker else ">=3.8"
    )


def pipenv(team: Team) -> None:
    """Write Pipfile.lock, which is made for one Python."""
    default = {
        name: {
            "version": f"=={version}",
            "hashes": [team.hash(name, version)],
            **({"markers": MARKERS[name, version]} if (name, version) in MARKERS else {}),
            **({"extras": ["async"]} if name == "flask" else {}),
        }
        for name, version in ALL
        if (name, version) != ("taxes", "2.5")
    }
    lock = {
        "_meta": {"requires": {"python_version": "3.13"}},
        "default": default,
        "develop": {"pytest": {"version": "==3.0"}},
    }
    team.write(Pipfile__lock=json.dumps(lock))


def lines(team: Team, *, hashed: bool) -> None:
    """Write requirements.txt of a team under the name that the kit reads."""
    text = "-r more.txt\n"
    for name, version in ALL[1:]:
        marker = MARKERS.get((name, version))
        text += f"{name}=={version}" + (f" ; {marker}" if marker else "")
        text += f" \\\n    --hash={team.hash(name, version)}  # a comment\n" if hashed else "\n"
    hashes = f" --hash={team.hash('flask', '3.0.3')}" if hashed else ""
    team.write(requirements__in=text, more__txt=f"flask[async]==3.0.3{hashes}\n")


LOCKS: dict[str, Callable[[Team], None]] = {
    "uv.lock": uv,
    "poetry.lock of 2.0": lambda team: poetry(team, before_2=False),
    "poetry.lock of 1.2": lambda team: poetry(team, before_2=True),
    "Pipfile.lock": pipenv,
    "hashed requirements": lambda team: lines(team, hashed=True),
    "plain requirements": lambda team: lines(team, hashed=False),
}
