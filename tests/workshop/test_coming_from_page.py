"""docs/coming-from.md has the rules of `make adopt`, and what these name is there."""

from collections.abc import Sequence

import pytest

from tests.names.check import problems
from tests.names.texts import Text
from tools.adopt.rules import Rule
from workshop.coming_from_page import PAGE, TABLES, page


def test_the_page_has_the_rules() -> None:
    assert PAGE.read_text() == page(PAGE.read_text()), "run `make docs`"


@pytest.mark.parametrize("rules", TABLES.values(), ids=list(TABLES))
def test_what_a_rule_names_is_there(rules: Sequence[Rule]) -> None:
    words = "\n".join(rule.here for rule in rules)
    assert list(problems(Text("a rule", words))) == []
