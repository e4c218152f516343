"""Test that `make help` is in groups, and hides what is for the kit's own developers."""

import os
import subprocess

from tests.checkout import ROOT


def _help(*given: str) -> dict[str, list[str]]:
    """Return the targets of each group."""
    told = subprocess.run(
        ["make", "help", *given],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    groups: dict[str, list[str]] = {}
    for line in told.splitlines():
        if line.startswith(" "):
            groups[next(reversed(groups))].append(line.split()[0])
        else:
            groups[line] = []
    return groups


def test_it_begins_with_how_to_start_and_look() -> None:
    groups = _help()
    assert list(groups)[:5] == ["Start", "Look", "Change", "Shell", "Check"]
    assert groups["Look"][:4] == ["status", "why", "releases", "logs"]
    assert {"deploy", "up"} <= {*groups["Start"]}
    assert {"rollback", "destroy"} <= {*groups["Change"]}
    assert {"console", "psql", "tunnel"} <= {*groups["Shell"]}


def test_what_is_for_the_kits_developers_is_shown_where_asked() -> None:
    assert "Kit" not in _help()
    assert "mutate" in _help("KIT=1")["Kit"]
