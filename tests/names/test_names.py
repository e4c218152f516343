"""Every path, target, parameter and identifier that a text names is there."""

from pathlib import Path

import pytest

from tests.names import outside
from tests.names.check import problems
from tests.names.texts import ROOT, Text, causes, helps, pages, recipes

README = ROOT / "README.md"


@pytest.mark.parametrize("text", [*pages(), *recipes()], ids=lambda text: text.name)
def test_a_page_names_nothing_that_is_not_there(text: Text) -> None:
    assert list(problems(text)) == []


def test_what_make_why_says_names_nothing_that_is_not_there() -> None:
    assert [problem for text in causes() for problem in problems(text)] == []


def test_no_help_names_what_is_not_there() -> None:
    assert [problem for text in helps() for problem in problems(text)] == []


def test_every_name_of_others_is_needed() -> None:
    words = " ".join(text.words for text in [*pages(), *recipes(), *causes(), *helps()])
    assert [name for name in outside.NAMES if name not in words] == []


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        ("[here](docs/nothing.md)", "the link docs/nothing.md leads to no file"),
        ("[here](docs/scaling.md#nothing)", "the link docs/scaling.md#nothing leads to no heading"),
        ("a word about infra/policy.py", "there is no infra/policy.py"),
        ("`infra/policy.py`", "there is no infra/policy.py"),
        ("`tests/*/test_nothing.py`", "there is no tests/*/test_nothing.py"),
        ("`nothing.conf`", "there is no nothing.conf"),
        ("`/nothingz`", "the code knows no /nothingz"),
        ("`make nothing`", "there is no target 'nothing'"),
        ("```console\n$ make nothing\n```", "there is no target 'nothing'"),
        ("`make status NOTHING=1`", "make status reads no NOTHING"),
        ("`python -m tools.nothing`", "there is no module tools.nothing"),
        ("`make logs` with `--nothing`", "the code knows no --nothing"),
        ("`tasks.nothing`", "nothing in the code is called tasks.nothing"),
        ("raise tasks.nothing", "no parameter is called tasks.nothing"),
        ("`nothing_mib=10`", "no parameter is called nothing_mib"),
        ("`network=NewVpc(nothing=1)`", "NewVpc has no parameter nothing"),
        ("```python\nEnvironment(nothing=1)\n```", "Environment has no parameter nothing"),
        ("`_add_nothing`", "nothing in the code is called _add_nothing"),
        ("`NothingService`", "nothing in the code is called NothingService"),
        ("`NOTHING_BYTES`", "nothing in the code is called NOTHING_BYTES"),
        ("`stack.nothing.role`", "nothing in the code is called stack.nothing"),
    ],
)
def test_a_made_up_name_is_told(words: str, problem: str) -> None:
    assert f"README.md: {problem}" in list(problems(Text(README.name, words)))


@pytest.mark.parametrize(
    "words",
    [
        "[here](docs/scaling.md#in-figures) and `docs/*.md`, `Makefile`, `/healthz`, infra/policy",
        "`make status ENV=prod`, `python -m tools.smoke URL`, `--follow`",
        "`tasks.min=4`, `load_balancer.waf.mode`, `network=NewVpc(egress=NatGateways(count=2))`",
        "`stack.task.definition.task_role`, `WebStack`, `longest_request_s`, `GUNICORN_TIMEOUT_S`",
    ],
)
def test_a_name_that_is_there_is_let_be(words: str) -> None:
    assert list(problems(Text(README.name, words, Path(ROOT)))) == []
