"""Test that secrets do not get into the log, in whatever form they are logged."""

import json
from dataclasses import dataclass

import pytest

from service.kit import masked
from service.kit.masking import mask, masked_text

SECRET = "hunter2hunter2"


@pytest.mark.parametrize(
    "text",
    [
        f"Authorization: Bearer {SECRET}",
        f"authorization: Basic {SECRET}",
        f"{{'Authorization': 'Bearer {SECRET}'}}",
        f"sent Bearer {SECRET} to them",
        f"Cookie: theme=dark; session={SECRET}",
        f"Set-Cookie: sid={SECRET}; Path=/",
        f"password={SECRET}",
        f"DB_PASSWORD = '{SECRET}'",
        f'{{"password": "{SECRET}"}}',
        f"passwd:{SECRET}",
        f"pwd={SECRET},user=a",
        f"access_token={SECRET}&user=a",
        f"client-secret={SECRET}",
        f"AWS_SECRET_ACCESS_KEY={SECRET}",
        f"api_key={SECRET}",
        f"key={SECRET}",
        f"postgresql://app:{SECRET}@db:5432/app",
        f"GET /orders?voucher={SECRET}&page=1",
        f"GET /orders?page=1&voucher={SECRET} failed",
        f'password="with spaces {SECRET}"',
    ],
)
def test_a_secret_is_masked_in_text(text: str) -> None:
    assert SECRET not in masked_text(text)
    assert "***" in masked_text(text)


@pytest.mark.parametrize(
    "text",
    [
        "GET /orders/7 took 12 ms",
        "KeyError: 'total'",
        "no such table: user",
        "Booting worker with pid: 17",
        'File "/app/service/keys.py", line 7, in load',
        "https://example.com/a:b",
        "the monkey ate 3 tokens",
    ],
)
def test_other_text_stays_as_it_is(text: str) -> None:
    assert masked_text(text) == text


def test_a_value_is_masked_by_its_name_however_deep() -> None:
    event = {"user": "a", "api_key": SECRET, "sent": [{"Cookie": SECRET, "n": 1}], "token": None, "tokens": 3}
    assert mask(None, "", event) == {
        "user": "a",
        "api_key": "***",
        "sent": [{"Cookie": "***", "n": 1}],
        "token": None,
        "tokens": "***",
    }


def test_what_is_not_text_keeps_its_type() -> None:
    assert masked({"count": 7, "ratio": 0.5, "on": True, "none": None}) == {
        "count": 7,
        "ratio": 0.5,
        "on": True,
        "none": None,
    }


def test_a_hostile_text_takes_no_time() -> None:
    # Quadratic rules would take minutes for these; the test would then end by its runner's patience.
    for text in ("a" * 200_000, "key" * 60_000, "?" + "a" * 200_000, "://" + "a" * 200_000, "key " * 50_000):
        assert len(masked_text(text)) > 0


def test_what_is_deep_is_cut() -> None:
    deep: dict[str, object] = {}
    for _ in range(700):
        deep = {"a": deep, "password": SECRET}
    line = json.dumps(mask(None, "", {"message": "sent", "body": deep}))
    assert SECRET not in line
    assert '"..."' in line


def test_what_holds_itself_is_cut() -> None:
    round_about: list[object] = ["a"]
    round_about += [round_about, round_about]
    assert masked({"held": round_about}) == {"held": ["a", "...", "..."]}


@dataclass
class Login:
    user: str
    password: str


class Shy:
    def __repr__(self) -> str:
        raise ValueError(SECRET)


@pytest.mark.parametrize(
    "value",
    [
        Login(user="a", password=SECRET),
        [Login(user="a", password=SECRET)],
        {Login: f"password={SECRET}"},
        {f"token={SECRET}"},
        f"password={SECRET}".encode(),
        ValueError(f"password={SECRET}"),
        Shy(),
    ],
)
def test_an_object_is_masked_as_its_text(value: object) -> None:
    assert SECRET not in json.dumps(masked({"value": value}))
