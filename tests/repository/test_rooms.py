"""Tests of the kit stay green whatever a team writes into its rooms, because they never read them."""

import ast
import re
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
# Tests of whatever the team has written, and of what a team does when it moves in.
READ_ROOMS = ("app", "project", "journeys")
ROOMS = ("infra.environments", "infra.additions", "infra.accepted", "infra.recipes", "service.app", "app")
STARTS_APP = re.compile(r"ROOT / 'app\.py'|'app\.py'\].*\bcwd=_?ROOT")
FILES = sorted(
    path
    for path in TESTS.rglob("*.py")
    if path.relative_to(TESTS).parts[0] not in READ_ROOMS and path != Path(__file__)
)


def rooms_read(source: str) -> set[str]:
    """Return the modules of a team that the source imports, and app.py if it starts the checkout's own."""
    tree = ast.parse(source)
    named: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            named |= {each.name for each in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            named |= {node.module, *(f"{node.module}.{each.name}" for each in node.names)}
        elif isinstance(node, ast.Call) and STARTS_APP.search(ast.unparse(node)):
            named.add("app")
    return {room for room in ROOMS if any(f"{name}.".startswith(f"{room}.") for name in named)}


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(TESTS)))
def test_a_test_of_the_kit_reads_no_room_of_the_team(path: Path) -> None:
    assert rooms_read(path.read_text()) == set()


@pytest.mark.parametrize(
    ("source", "room"),
    [
        ("import infra.environments", "infra.environments"),
        ("from infra import additions", "infra.additions"),
        ("from infra.accepted import ACCEPTED", "infra.accepted"),
        ("def test() -> None:\n    from service.app.settings import Settings", "service.app"),
        ("import app", "app"),
        ("run([sys.executable, 'app.py'], cwd=ROOT)", "app"),
        ("run([sys.executable, ROOT / 'app.py'])", "app"),
    ],
)
def test_a_read_of_a_room_is_found(source: str, room: str) -> None:
    assert rooms_read(source) == {room}


def test_names_that_only_begin_alike_are_no_rooms() -> None:
    assert rooms_read("import infra.application, infra.acknowledge, apple, service.kit") == set()
