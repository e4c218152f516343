"""Define the options of the command, each checked where it is read."""

import argparse
import math
from pathlib import Path

from tools.rehearsal.from_environment import CPU_MS, REQUEST_MS, START_S
from tools.rehearsal.policies import DELAY_S
from tools.rehearsal.traffic import SHAPES


def parser(description: str) -> argparse.ArgumentParser:
    """Return the parser; all but the description's first paragraph stands below the options."""
    purpose, _, rest = description.partition("\n\n")
    made = argparse.ArgumentParser(prog="python -m tools.rehearsal", description=purpose, epilog=rest)
    add = made.add_argument
    add("--environment", default="prod", help="environment of infra/environments.py (default: %(default)s)")
    add(
        "--traffic",
        default="flash-crowd",
        metavar="NAME|FILE",
        help=f"traffic: {', '.join(SHAPES)}, or a CSV file of seconds and requests per second "
        "(default: %(default)s)",
    )
    add(
        "--out",
        type=_png,
        metavar="PNG",
        help="file to draw (default: .local/rehearsal-ENVIRONMENT-TRAFFIC.png)",
    )
    add(
        "--request-ms",
        type=_positive,
        default=REQUEST_MS,
        help="mean time of a request, ms (default: %(default)g)",
    )
    add("--cpu-ms", type=_positive, default=CPU_MS, help="CPU time of a request, ms (default: %(default)g)")
    add(
        "--quiet-rps",
        type=_positive,
        help="load that named traffic starts from (default: 60 %% of what the fewest tasks keep)",
    )
    add(
        "--start-s",
        type=_seconds,
        default=START_S,
        help="seconds from the decision to a task that serves (default: %(default)s)",
    )
    add(
        "--metric-period-s",
        type=int,
        choices=sorted(DELAY_S),
        help="period of the metrics CPU and busy slots, s (default: the environment's)",
    )
    add(
        "--metric-delay-s",
        type=_seconds,
        help="seconds from the end of a metric's period to an alarm (default: 153 for 60 s, 16 for 20 s)",
    )
    add(
        "--allow-beyond",
        type=_percent,
        metavar="PERCENT",
        help="exit with 3 if more requests than this are beyond capacity",
    )
    return made


def _png(text: str) -> Path:
    if not text.endswith(".png"):
        raise argparse.ArgumentTypeError(f"'{text}': expected a name that ends in .png")
    return Path(text)


def _number(text: str, *, expected: str, least: float, most: float = math.inf) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not (math.isfinite(value) and least <= value <= most):
        raise argparse.ArgumentTypeError(f"'{text}': expected {expected}")
    return value


def _positive(text: str) -> float:
    return _number(text, expected="a number above 0", least=1e-6)


def _percent(text: str) -> float:
    return _number(text, expected="0 to 100", least=0, most=100)


def _seconds(text: str) -> int:
    return round(_number(text, expected="seconds, 0 or more", least=0))
