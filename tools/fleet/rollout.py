"""Deploy the members of a fleet in order, each when the one before it has served well for a while."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

LOOK_EVERY_S = 30
# One bad look may be the network of whoever looks.
_BAD_LOOKS = 2

Run = Callable[[Sequence[str]], int]


@dataclass(frozen=True)
class Stopped:
    """A deployment that went no further: the member that failed, at what, and those that were not touched."""

    member: str
    at: Literal["deploy", "bake"]
    untouched: tuple[str, ...]

    def __str__(self) -> str:
        """Return what happened, and what to do."""
        rest = f" Not touched: {', '.join(self.untouched)}." if self.untouched else ""
        if self.at == "deploy":
            return f"{self.member} was not deployed.{rest} `make why ENV={self.member}` says why."
        return (
            f"{self.member} was deployed, and did not serve well afterwards.{rest} "
            f"`make status ENV={self.member}` says what is wrong, `make rollback ENV={self.member}` goes "
            "back."
        )


def roll_out(
    members: Sequence[str],
    *,
    bake_minutes: int,
    deploy: Run,
    healthy: Callable[[str], bool],
    tell: Callable[[str], None],
    options: Sequence[str] = (),
    wait: Callable[[float], None] = time.sleep,
) -> Stopped | None:
    """Deploy all members in order; return where it stopped, or None. The last one is not waited for."""
    for place, member in enumerate(members):
        rest = tuple(members[place + 1 :])
        tell(f"{member}: {place + 1} of {len(members)}")
        if deploy(["deploy", member, *options]):
            return Stopped(member, "deploy", rest)
        if rest and not _bakes(member, minutes=bake_minutes, healthy=healthy, tell=tell, wait=wait):
            return Stopped(member, "bake", rest)
    return None


def _bakes(
    member: str,
    *,
    minutes: int,
    healthy: Callable[[str], bool],
    tell: Callable[[str], None],
    wait: Callable[[float], None],
) -> bool:
    if minutes:
        tell(f"{member} serves; looking at it for {minutes} min before the next")
    bad = 0
    for _ in range(minutes * 60 // LOOK_EVERY_S):
        wait(LOOK_EVERY_S)
        bad = 0 if healthy(member) else bad + 1
        if bad == _BAD_LOOKS:
            return False
    return True
