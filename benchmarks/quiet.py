"""Wait until other programs on the machine rest, and write down how much of the machine they took."""

import math
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, ParamSpec

import psutil

from benchmarks import servers

# Other programs may use this many cores while something is measured.
MOST_CORES = 0.4
OTHERS = "others' cores"
P = ParamSpec("P")
Row = dict[str, Any]


class Quiet:
    """A measurement that waits and repeats until the machine is quiet, for `patience_s` seconds at most.

    Rows of `before` that no other program disturbed are not measured again.
    """

    def __init__(self, patience_s: float, before: Sequence[Row] = ()) -> None:
        self._patience_s = patience_s
        self._before = [row for row in before if row.get(OTHERS, math.inf) <= MOST_CORES]

    def known(self, like: Row) -> Row | None:
        """Return the undisturbed row of an earlier run that has these values."""
        return next((row for row in self._before if like.items() <= row.items()), None)

    async def row(
        self, like: Row, measure: Callable[P, Awaitable[Row]], *args: P.args, **kwargs: P.kwargs
    ) -> Row:
        """Measure a row; add `like` and the cores that others used, and repeat it if they used too many."""
        if known := self.known(like):
            return known
        while True:
            self._wait()
            began, before = time.monotonic(), _others_s()
            found = like | await measure(*args, **kwargs)
            took_s = time.monotonic() - began
            found[OTHERS] = max(0.0, round((_others_s() - before) / took_s, 2))
            if found[OTHERS] <= MOST_CORES or self._patience_s < took_s:
                print(found, flush=True)
                return found
            self._patience_s -= took_s

    def _wait(self) -> None:
        while self._patience_s > 0:
            began = time.monotonic()
            if psutil.cpu_percent(interval=0.5) / 100 * (psutil.cpu_count() or 1) <= MOST_CORES:
                return
            self._patience_s -= time.monotonic() - began


def _others_s() -> float:
    """Return the CPU seconds since boot of all programs other than this one and the servers it ended."""
    now = psutil.cpu_times()
    # CPU that a hypervisor took away (steal) was used by somebody else as well.
    all_s = float(sum(now) - now.idle - now.iowait)
    return all_s - time.process_time() - servers.ended_cpu_s()
