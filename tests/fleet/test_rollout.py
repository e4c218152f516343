"""Test that members are deployed in order, each after the one before it has served well, without waiting."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from tools.fleet.rollout import LOOK_EVERY_S, Stopped, roll_out


@dataclass
class _World:
    """Note what happens, in order; `ill` says at which looks a member is not healthy."""

    fails: str = ""
    ill: dict[str, set[int]] = field(default_factory=dict)
    happened: list[str] = field(default_factory=list)
    waited_s: float = 0
    looks: int = 0

    def deploy(self, words: Sequence[str]) -> int:
        self.happened.append(" ".join(words))
        self.looks = 0
        return int(words[1] == self.fails)

    def healthy(self, member: str) -> bool:
        self.looks += 1
        return self.looks not in self.ill.get(member, set())

    def wait(self, seconds: float) -> None:
        self.waited_s += seconds

    def roll_out(self, *members: str, options: Sequence[str] = ()) -> Stopped | None:
        return roll_out(
            members,
            bake_minutes=10,
            deploy=self.deploy,
            healthy=self.healthy,
            tell=lambda _: None,
            options=options,
            wait=self.wait,
        )


def test_members_are_deployed_in_order_with_a_bake_between_them() -> None:
    world = _World()
    assert world.roll_out("eu", "us", "ap", options=["--accept"]) is None
    assert world.happened == ["deploy eu --accept", "deploy us --accept", "deploy ap --accept"]
    # After the last one there is nothing to protect.
    assert world.waited_s == 2 * 10 * 60


def test_after_a_member_that_is_not_deployed_none_is() -> None:
    world = _World(fails="eu")
    assert world.roll_out("eu", "us") == Stopped("eu", "deploy", ("us",))
    assert world.happened == ["deploy eu"]


def test_after_a_member_that_does_not_serve_well_none_is_deployed() -> None:
    world = _World(ill={"eu": {7, 8}})
    stopped = world.roll_out("eu", "us")
    assert stopped == Stopped("eu", "bake", ("us",))
    assert world.happened == ["deploy eu"]
    assert world.waited_s == 8 * LOOK_EVERY_S
    assert "Not touched: us." in str(stopped)
    assert "make rollback ENV=eu" in str(stopped)


def test_one_bad_look_alone_stops_nothing() -> None:
    world = _World(ill={"eu": {2, 4, 6}})
    assert world.roll_out("eu", "us") is None
