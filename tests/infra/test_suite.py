"""Test that each test can fail. Ruff refuses other ways of never failing: F631, B011, B015, B017, PLW0129."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from cfnlint.schema import PROVIDER_SCHEMA_MANAGER

TESTS = Path(__file__).resolve().parents[1]
FILES = sorted(TESTS.rglob("*.py"))
# These methods of pytest, aws_cdk.assertions and unittest.mock fail by themselves, without an assert.
CHECKS = re.compile(r"raises|warns|fail|has_\w+|all_resources\w*|resource\w*_count_is|assert_\w+|has_no_\w+")


def name_of(path: Path) -> str:
    return str(path.relative_to(TESTS.parent))


@cache
def functions(path: Path) -> dict[str, ast.AST]:
    """Return the functions and methods of a file, and the functions it imports from other test files."""
    tree = ast.parse(path.read_text())
    found: dict[str, ast.AST] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("tests."):
            place = TESTS.parent.joinpath(*(node.module or "").split("."))
            names = {alias.name: alias.asname or alias.name for alias in node.names}
            for file in filter(Path.exists, (place.with_suffix(".py"), place / "__init__.py")):
                found |= {names[name]: each for name, each in functions(file).items() if name in names}
    return found | {node.name: node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


def can_fail(node: ast.AST, known: dict[str, ast.AST], seen: frozenset[str] = frozenset()) -> bool:
    """Return whether a function asserts something, itself or in another that it calls."""
    for part in ast.walk(node):
        if isinstance(part, ast.Assert | ast.Raise):
            return True
        if isinstance(part, ast.Call):
            name = ast.unparse(part.func).rpartition(".")[2]
            if CHECKS.fullmatch(name):
                return True
            if name in known and name not in seen and can_fail(known[name], known, seen | {name}):
                return True
    return False


def without_a_check(path: Path) -> Iterator[str]:
    known = functions(path)
    for name, node in known.items():
        if name.startswith("test_") and not can_fail(node, known):
            yield name


@pytest.mark.parametrize("path", [path for path in FILES if path.name.startswith("test_")], ids=name_of)
def test_each_test_can_fail(path: Path) -> None:
    assert list(without_a_check(path)) == []


# A key of a resource's metadata, and a hook of a template: AWS calls them as it calls types.
NO_RESOURCES = {"AWS::CloudFormation::Init", "AWS::CodeDeploy::BlueGreen"}


def test_every_type_of_resource_that_tests_look_for_exists() -> None:
    types = {*PROVIDER_SCHEMA_MANAGER.get_resource_types("us-east-1"), *NO_RESOURCES}
    named = {
        word: name_of(path)
        for path in FILES
        for word in re.findall(r"[\"'](AWS::[A-Za-z0-9]+::[A-Za-z0-9]+)[\"']", path.read_text())
    }
    assert named
    assert {word: path for word, path in named.items() if word not in types} == {}
