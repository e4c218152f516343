"""Test that docs/features.md says nothing that is not true."""

import pytest

from tests.workshop.feature_table import ROOT, Row, problems, rows

PAGE = (ROOT / "docs/features.md").read_text()
# The number of rows in each section, by the letter of the section's ids.
SECTIONS = {
    "N": 15,
    "T": 12,
    "L": 20,
    "C": 21,
    "S": 14,
    "D": 14,
    "X": 9,
    "P": 9,
    "O": 11,
    "M": 21,
    "R": 11,
    "Z": 8,
    "K": 6,
    "V": 4,
    "E": 6,
}

OTHERS = ("no", "no", "no", "no", "-", "-")
A_TEST = "`test_features.py::test_every_row_is_there_once_and_in_order`"


def test_every_row_is_there_once_and_in_order() -> None:
    expected = [f"{letter}{number}" for letter, count in SECTIONS.items() for number in range(1, count + 1)]
    assert [row.id for row in rows(PAGE)] == expected


@pytest.mark.parametrize("row", rows(PAGE), ids=lambda row: row.id)
def test_each_row_holds(row: Row) -> None:
    assert list(problems(row)) == []


@pytest.mark.parametrize(
    ("here", "proof", "problem"),
    [
        ("`network.egres`", A_TEST, "N1: no parameter is called network.egres"),
        ("`network.egress.count.more`", A_TEST, "N1: no parameter is called network.egress.count.more"),
        ("`network` (`OldVpc`)", A_TEST, "N1: no parameter is called OldVpc"),
        ("`docs/recipes/nothing.py`", A_TEST, "N1: there is no recipe docs/recipes/nothing.py"),
        ("`sidecars.nam`", A_TEST, "N1: no parameter is called sidecars.nam"),
        ("`make nothing`", A_TEST, "N1: there is no target nothing"),
        (
            "`network`",
            "`test_x.py::test_y`",
            "N1: there is no test test_x.py::test_y",
        ),
        ("`network`", "-", "N1 has no proof"),
        ("always: so", "-", "N1 has no proof"),
        ("yes", A_TEST, "N1 has no parameter, recipe or make target, and is not 'always: ...' or 'no: ...'"),
        ("no:", A_TEST, "N1 has no parameter, recipe or make target, and is not 'always: ...' or 'no: ...'"),
        ("", A_TEST, "N1 has 9 cells filled, not 10"),
    ],
)
def test_a_row_that_does_not_hold_is_told(here: str, proof: str, problem: str) -> None:
    assert list(problems(Row(("N1", "a VPC", here, proof, *OTHERS)))) == [problem]


@pytest.mark.parametrize(
    "here",
    ["`network.egress.count` (`NatGateways`)", "`sidecars.name`", "`make status`", "always: in every VPC"],
)
def test_a_row_with_its_proof_holds(here: str) -> None:
    assert list(problems(Row(("N1", "a VPC", here, A_TEST, *OTHERS)))) == []


@pytest.mark.parametrize(
    ("here", "said", "fault"),
    [
        ("`tasks.spot`", "yes", "where each of its parameters is refused"),
        ("`tasks.min`", "refused", "where none of its parameters is refused"),
        ("`tasks.min`, `tasks.spot`", "yes", "where not all of its parameters are carried over"),
        ("`tasks.min`", "perhaps", "which begins with no word that is known"),
    ],
)
def test_what_is_said_of_another_place_is_what_becomes_of_the_parameters(
    here: str, said: str, fault: str
) -> None:
    row = Row(("N1", "a VPC", here, A_TEST, *OTHERS[:-1], said))
    assert f"N1: of Container Apps it says '{said}', {fault}" in list(problems(row))


def test_a_row_that_is_left_out_needs_a_reason_alone() -> None:
    assert list(problems(Row(("N1", "a VPC", "no: few need it", "-", *OTHERS)))) == []
