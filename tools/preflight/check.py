"""Check: one thing that was looked at, what was found, and what to do about it."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Check:
    """A check's result: `found` says what is so and what that does on Fargate, `fix` what to do."""

    name: str
    found: str
    fix: str = ""

    @property
    def ok(self) -> bool:
        """Return whether the check holds."""
        return not self.fix


def judged(name: str, faults: list[tuple[str, str]], well: str) -> Check:
    """Return a check that fails with all of its faults, each a finding and a fix, or holds with `well`."""
    if not faults:
        return Check(name=name, found=well)
    fixes = dict.fromkeys(fix for _, fix in faults)
    return Check(name=name, found="; ".join(found for found, _ in faults), fix="; ".join(fixes))
