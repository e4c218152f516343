"""Test that what `make why` gives to paste keeps secrets, and says enough to help."""

import pytest

from tests.operate.failures import Failure
from tests.operate.recorded import Recorded
from tools import causes
from tools.operate.masks import masked
from tools.operate.why import why


@pytest.mark.parametrize(
    ("line", "kept"),
    [
        ("postgresql://app:hunter2@db.internal:5432/app", "postgresql://***@db.internal:5432/app"),
        ("DB_PASSWORD=hunter2 is wrong", "DB_PASSWORD=*** is wrong"),
        ('{"api_key": "hunter2", "n": 1}', '{"api_key": ***, "n": 1}'),
        ("Authorization: Bearer hunter2hunter2", "Authorization: ***"),
        # AWS's own examples: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_access-keys.html
        ("key AKIAIOSFODNN7EXAMPLE", "key ***"),
        ("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "***"),
        # https://www.rfc-editor.org/rfc/rfc7519#section-3.1
        ("got eyJ0eXAiOiJKV1QiLA0K.eyJpc3MiOiJqb2Ui.dBjftJeZ4CVP", "got ***"),
        ("arn:aws:ecs:eu-west-1:123456789012:task/x", "arn:aws:ecs:eu-west-1:ACCOUNT:task/x"),
        ("from 10.0.1.7 to anna@example.com", "from ADDRESS to MAIL"),
    ],
)
def test_what_a_stranger_need_not_see_is_masked(line: str, kept: str) -> None:
    assert masked(line) == kept


def test_what_says_what_happened_stays() -> None:
    line = "WebService (AWS::ECS::Service) UPDATE_FAILED: ECS Deployment Circuit Breaker was triggered"
    assert masked(line) == line


def test_of_an_unknown_cause_the_three_nearest_and_a_masked_block_are_shown(
    capsys: pytest.CaptureFixture[str],
) -> None:
    strange = Failure(
        stop=("Strange", "The registry of 123456789012 is asleep, its image never pulled"),
        deployment="Odd",
        stack="Odd too: https://app:hunter2@x/y",
    )
    assert why(Recorded(strange.answers()).deployed()) == 1
    told = capsys.readouterr().out
    nearest = told.partition("Nearest of what is known\n")[2].partition("To paste")[0]
    assert len(nearest.splitlines()) == 3
    block = told.partition("To paste, with names and secrets masked\n")[2]
    assert "  | task: Strange: The registry of ACCOUNT is asleep, its image never pulled\n" in block
    assert "hunter2" not in block


def test_the_nearest_are_those_that_share_rare_words() -> None:
    [first, *_] = causes.nearest(["log: the decryption of the mac was a record bad one"])
    assert first.name == "database-connection-shared"
