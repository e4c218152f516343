"""Define the options of the command, each checked where it is read."""

import argparse
import math
from pathlib import Path

from tools.plan.app import MEASURED
from tools.plan.loads import DEFAULT

# Option, unit and what it is, for each figure of the app.
FIGURES = {
    "request_ms": "mean time of a request, ms",
    "cpu_ms": "CPU time of a request, ms",
    "answer_bytes": "bytes of an answer",
    "log_bytes": "bytes that a request writes to the log",
    "requests_per_connection": "requests on one connection of a client",
    "user_rps": "requests/s of one user",
    "out_bytes": "bytes that a request sends and gets through the NAT gateways",
}


def parser(description: str) -> argparse.ArgumentParser:
    """Return the parser; all but the description's first paragraph stands below the options."""
    purpose, _, rest = description.partition("\n\n")
    made = argparse.ArgumentParser(prog="make plan", description=purpose, epilog=rest)
    made.add_argument("--environment", default="prod", help="environment of infra/environments.py")
    load = made.add_mutually_exclusive_group()
    load.add_argument(
        "--traffic",
        metavar="RATE|MULTIPLE|FILE",
        help="5000/s, 100x (1x is what the fewest tasks carry at their targets), or a CSV file of seconds "
        f"and requests per second (default: {DEFAULT})",
    )
    load.add_argument("--users", type=_number, help="users, each with --user-rps requests a second")
    made.add_argument(
        "--out", type=Path, metavar="PNG", help="file to draw (default: .local/plan-ENVIRONMENT.png)"
    )
    made.add_argument(
        "--figures", type=Path, default=MEASURED, help="file that `make measure` wrote (default: %(default)s)"
    )
    for name, text in FIGURES.items():
        made.add_argument(f"--{name.replace('_', '-')}", type=_number, help=text)
    return made


def _number(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not (math.isfinite(value) and value > 0):
        raise argparse.ArgumentTypeError(f"'{text}': expected a number above 0")
    return value
