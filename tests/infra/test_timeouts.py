from typing import Any

import pytest
from pydantic import ValidationError

from infra.parameters import FARGATE_MAX_STOP_TIMEOUT_S, Timeouts, timeout_conflicts

SOUND = {
    "alb_idle_s": 60,
    "keepalive_s": 75,
    "deregistration_delay_s": 30,
    "gunicorn_graceful_timeout_s": 30,
    "lame_duck_s": 3,
    "stop_timeout_s": 38,
}
EVERY_REQUEST = range(5, FARGATE_MAX_STOP_TIMEOUT_S + 1)


def test_thirty_seconds_derive_the_documented_chain() -> None:
    timeouts = Timeouts(longest_request_s=30)
    assert {name: getattr(timeouts, name) for name in SOUND} == SOUND


@pytest.mark.parametrize("longest_request_s", EVERY_REQUEST)
def test_every_allowed_request_derives_an_unbroken_chain(longest_request_s: int) -> None:
    timeouts = Timeouts(longest_request_s=longest_request_s)
    assert timeout_conflicts(**{name: getattr(timeouts, name) for name in SOUND}) == []
    assert timeouts.alb_idle_s > longest_request_s
    assert timeouts.deregistration_delay_s >= longest_request_s
    assert timeouts.gunicorn_timeout_s - longest_request_s >= 10
    assert timeouts.alb_idle_s - longest_request_s >= 5


@pytest.mark.parametrize(
    ("longest_request_s", "idle_s", "silent_s"),
    [(5, 60, 30), (20, 60, 30), (55, 60, 65), (56, 61, 66), (120, 125, 130)],
)
def test_a_worker_is_replaced_ten_seconds_after_its_longest_request_could_end(
    longest_request_s: int, idle_s: int, silent_s: int
) -> None:
    timeouts = Timeouts(longest_request_s=longest_request_s)
    assert (timeouts.alb_idle_s, timeouts.gunicorn_timeout_s) == (idle_s, silent_s)


@pytest.mark.parametrize(
    ("link", "symptom"),
    [
        (
            {"keepalive_s": 2},
            "keep-alive of 2 s is not above the load balancer's idle timeout of 60 s",
        ),
        (
            {"keepalive_s": 60},
            "keep-alive of 60 s is not above the load balancer's idle timeout of 60 s",
        ),
        ({"deregistration_delay_s": 60, "gunicorn_graceful_timeout_s": 60, "stop_timeout_s": 68}, "504"),
        ({"gunicorn_graceful_timeout_s": 10}, "a deployment will cut the longest requests"),
        ({"stop_timeout_s": 33}, "ECS will kill requests that Gunicorn is still finishing"),
        ({"stop_timeout_s": 121}, "ECS will refuse the task definition"),
    ],
)
def test_a_broken_link_is_named_with_its_symptom(link: dict[str, int], symptom: str) -> None:
    chain: dict[str, Any] = {**SOUND, **link}
    (sentence,) = timeout_conflicts(**chain)
    assert symptom in sentence


def test_the_longest_request_may_not_outlast_fargates_stop_timeout() -> None:
    with pytest.raises(ValidationError):
        Timeouts(longest_request_s=FARGATE_MAX_STOP_TIMEOUT_S + 1)


def test_warns_of_requests_that_a_stop_may_cut() -> None:
    warning = Timeouts(longest_request_s=120).warning
    assert warning is not None
    assert "a request may be cut 8 s short" in warning
    assert Timeouts(longest_request_s=112).warning is None


def test_spot_leaves_no_room_for_long_requests() -> None:
    longest = Timeouts.longest_for_spot()
    assert Timeouts(longest_request_s=longest).fits_spot
    assert not Timeouts(longest_request_s=longest + 1).fits_spot
    # https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-capacity-providers.html: two
    # minutes for the drain and the stop, of which the lame duck takes 3 s and Gunicorn's exit 5 s.
    assert longest == (2 * 60 - 3 - 5) / 2
