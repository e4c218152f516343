"""Review a change: what it would do to the running systems, without AWS, credentials or network.

The head is compared with the commit at which it left the base, so that only its own changes show. Both are
synthesised, for every environment. Exit codes: 0 fine, or accepted; 1 a gate tripped; 2 not possible, with
the reason.
"""

import argparse
import json
import os
import sys
import tempfile
import time
import traceback
from pathlib import Path

from rich.console import Console

from tools.review.comparison import compared
from tools.review.errors import ReviewError
from tools.review.markdown import markdown
from tools.review.outcome import GATES, as_json
from tools.review.sarif import sarif

# Shells use this exit code for commands that Ctrl-C ended.
_INTERRUPTED = 130


def main() -> None:
    """Write the report; exit as the gates say."""
    arguments = _parser().parse_args()
    console = Console(stderr=True)
    started = time.monotonic()
    try:
        if not console.is_terminal:
            print("review: synthesising both sides", file=sys.stderr)
        with console.status("Synthesising both sides"):
            outcome = compared(
                base=arguments.base, head=arguments.head, fail_on=arguments.fail_on, accepted=arguments.accept
            )
        text = markdown(outcome)
        if arguments.json:
            _write(arguments.json, json.dumps(as_json(outcome), indent=2, default=str) + "\n")
        if arguments.sarif:
            _write(arguments.sarif, json.dumps(sarif(outcome), indent=2) + "\n")
        if arguments.out:
            _write(arguments.out, text)
        else:
            sys.stdout.write(text)
    except ReviewError as error:
        _tell(str(error))
        sys.exit(2)
    except KeyboardInterrupt:
        sys.exit(_INTERRUPTED)
    except Exception as error:  # noqa: BLE001 # 1 would say that there is a report
        place = traceback.extract_tb(error.__traceback__)[-1]
        told = f"{type(error).__name__}: {error} ({Path(place.filename).name}, line {place.lineno})"
        _tell(f"there is no report, by a mistake in the review itself: {told}")
        sys.exit(2)
    verdicts = ", ".join(f"{each.name} {each.verdict}" for each in outcome.environments)
    gates = f"; stopped by {' and '.join(outcome.tripped)}" if outcome.exit_code else ""
    _tell(f"{verdicts}{gates} ({time.monotonic() - started:.1f} s)")
    sys.exit(outcome.exit_code)


def _tell(text: str) -> None:
    """Print one line whose words may be a stranger's: it commands neither a terminal nor GitHub's runner."""
    line = "".join(each if each.isprintable() else " " for each in text)
    print(f"review: {line}", file=sys.stderr)


def _parser() -> argparse.ArgumentParser:
    purpose, _, rest = (__doc__ or "").partition("\n\n")
    made = argparse.ArgumentParser(prog="python -m tools.review", description=purpose, epilog=rest)
    made.add_argument("--base", required=True, metavar="REF", help="branch, tag or commit to compare with")
    made.add_argument(
        "--head",
        metavar="REF",
        help="branch, tag or commit to review (default: the working tree, with all that is not committed)",
    )
    made.add_argument(
        "--out", type=Path, metavar="FILE", help="write the Markdown to a file instead of printing it"
    )
    made.add_argument("--json", type=Path, metavar="FILE", help="write the report as JSON, too")
    made.add_argument(
        "--sarif",
        type=Path,
        metavar="FILE",
        help="write what needs eyes as SARIF, at the lines that cause it",
    )
    made.add_argument(
        "--fail-on",
        type=_gates,
        default=("dangerous",),
        metavar="GATE[,GATE]",
        help="what ends the command with 1: look or dangerous (this verdict or worse), destructive "
        "(something is removed, replaced or interrupted), widening (somebody may do more), or never "
        "(default: dangerous)",
    )
    made.add_argument(
        "--accept", action="store_true", help="exit with 0 although a gate trips; the report says so"
    )
    return made


def _gates(text: str) -> tuple[str, ...]:
    gates = tuple(text.split(","))
    for gate in gates:
        if gate not in GATES:
            raise argparse.ArgumentTypeError(f"'{gate}': choose of {', '.join(GATES)}")
    return () if gates == ("never",) else gates


def _write(path: Path, text: str) -> None:
    """Write the whole file, or nothing."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, part = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        try:
            with os.fdopen(handle, "w") as file:
                file.write(text)
            Path(part).chmod(0o644)
            Path(part).replace(path)
        finally:
            Path(part).unlink(missing_ok=True)
    except OSError as error:
        raise ReviewError(f"cannot write {path}: {error.strerror}") from error


if __name__ == "__main__":
    main()
