"""Write docs/security.md: Security Hub's controls on the templates of the last synth."""

import argparse
import sys
from pathlib import Path

from tools.security.evaluation import errors, evaluate
from tools.security.report import report
from tools.security.stack import stacks

SECURITY_MD = Path(__file__).resolve().parent.parent.parent / "docs" / "security.md"


def main() -> None:
    """Rewrite docs/security.md; exit with 1 if a control fails, or with --check, if the file is old."""
    parser = argparse.ArgumentParser(prog="python -m tools.security", description=__doc__)
    parser.add_argument("--check", action="store_true", help="change nothing, fail if the file is old")
    check = parser.parse_args().check
    made = stacks()
    verdicts = evaluate(made)
    wrong = list(errors(made, verdicts))
    text = report(made, verdicts)
    if check and (not SECURITY_MD.exists() or SECURITY_MD.read_text() != text):
        wrong.append("docs/security.md is not current: run `make docs`")
    elif not check and not wrong:
        SECURITY_MD.write_text(text)
    if wrong:
        sys.exit("\n".join(wrong))


if __name__ == "__main__":
    main()
