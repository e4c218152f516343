"""Try generated environments: each must synthesise to a valid template or be refused with a sentence.

Exit code 0: nothing crashed; 1: something did, and is printed as one writes it in infra/environments.py.
"""

import argparse
import json
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator

# Each process leaves its apps to Node, which keeps them all.
BATCH = 60


def main() -> int:
    """Run batches, each in a process of its own, for so long; print the counts."""
    parser = argparse.ArgumentParser(prog="make campaign", description=__doc__)
    parser.add_argument("--minutes", type=float, default=10, help="how long to go on (10)")
    parser.add_argument("--seed", type=int, default=0, help="of the first batch (0); the same gives the same")
    given = parser.parse_args()
    counts: Counter[str] = Counter()
    crashes: dict[str, str] = {}
    ends_at, seed = time.monotonic() + 60 * given.minutes, given.seed
    while time.monotonic() < ends_at:
        for outcome, said, call in _batch(seed):
            counts[outcome] += 1
            if outcome == "crashed" and said not in crashes:
                crashes[said] = call
                print(f"CRASH  {said}\n       {call}", flush=True)
        seed += 1
        print(_line(counts), f"(seeds {given.seed} to {seed - 1})", file=sys.stderr, flush=True)
    print(_line(counts))
    return 1 if crashes else 0


def _batch(seed: int) -> Iterator[tuple[str, str, str]]:
    command = [sys.executable, "-m", "workshop.campaign.batch", str(seed), str(BATCH)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        yield "crashed", f"the process ended: {done.stderr[-2000:]}", f"seed {seed}"
    for line in done.stdout.splitlines():
        if line.startswith("{"):
            said = json.loads(line)
            yield said["outcome"], said["said"], said["call"]


def _line(counts: Counter[str]) -> str:
    return (
        f"environments tried: {counts.total()}, synthesised: {counts['synthesised']}, "
        f"refused: {counts['refused']}, crashed: {counts['crashed']}"
    )


if __name__ == "__main__":
    sys.exit(main())
