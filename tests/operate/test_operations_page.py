"""Test that every command in docs/operations.md, which is read at 3 a.m., exists."""

import re
import shlex
from pathlib import Path

import pytest

from tools.operate.__main__ import _parser

_ROOT = Path(__file__).resolve().parents[2]
_PAGE = (_ROOT / "docs" / "operations.md").read_text()
_MAKEFILES = "".join(path.read_text() for path in (_ROOT / "Makefile", *_ROOT.glob("tools/*/*.mk")))
_MADE = re.findall(r"(?:`|\$ )make ([a-z-]+)([^`\n|]*)", _PAGE)


@pytest.mark.parametrize(("target", "rest"), [made for made in _MADE if "ARGS=" in made[1]])
def test_every_option_it_names_is_understood(target: str, rest: str) -> None:
    given = dict(word.partition("=")[::2] for word in shlex.split(rest.partition("#")[0]) if "=" in word)
    understood = _parser().parse_args([target, given.get("ENV", "dev"), *shlex.split(given["ARGS"])])
    assert understood.environment == given.get("ENV", "dev")


def test_every_command_of_operate_is_in_it_and_in_the_makefile() -> None:
    commands = set(re.findall(r"python -m tools\.operate|\$\(OPERATE\) ([a-z-]+)", _MAKEFILES)) - {""}
    usage = _parser().format_help()
    assert commands == set(re.findall(r"^    ([a-z-]+)(?:  |$)", usage, re.MULTILINE))
    assert commands <= {name for name, _ in _MADE}
