"""Check the templates of the last synth with checkov, less what tools/checkov/skips.py accepts."""

import argparse
import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from tools.assembly import CDK_OUT, artifacts
from tools.checkov.skips import SKIPS
from tools.security.accepted import Accepted, stale
from tools.security.stack import readable

CHECKOV = CDK_OUT.parent / ".local" / "checkov" / "bin" / "checkov"


class Failed(NamedTuple):
    """A check that failed on a resource of an environment."""

    check: str
    environment: str
    resource: str
    asks: str


def failed_checks(cdk_out: Path = CDK_OUT) -> list[Failed]:
    """All that checkov finds in the templates; exits with what it says where it does not run."""
    files = {properties["templateFile"]: name for name, properties in artifacts(cdk_out).items()}
    # With --skip-download and no key for its platform, it asks for nothing over the network.
    options = "--framework cloudformation --output json --compact --quiet --soft-fail --skip-download --file"
    try:
        run = subprocess.run(  # noqa: S603 # our own command
            [CHECKOV, *options.split(), *(cdk_out / name for name in files)],
            capture_output=True,
            text=True,
            check=False,
        )
    except FileNotFoundError:
        sys.exit(f"there is no checkov in {CHECKOV.parent}: run `make lint`, which installs it")
    if run.returncode:
        sys.exit(f"checkov ended with {run.returncode}: {run.stderr.strip()}")
    report = json.loads(run.stdout)
    if report["summary"]["parsing_errors"] or not report["summary"]["passed"]:
        sys.exit(f"checkov could not read the templates: {report['summary']}")
    return [
        Failed(
            check=each["check_id"],
            environment=files[Path(each["file_path"]).name],
            resource=each["resource"].split(".")[-1],
            asks=each["check_name"],
        )
        for each in report["results"]["failed_checks"]
    ]


def errors(found: Sequence[Failed], register: Sequence[Accepted] = SKIPS) -> Iterator[str]:
    """A line for each check that fails and is not accepted, and for each skip that skips nothing."""
    for each in found:
        if not any(skip.covers(each.check, each.environment, each.resource) for skip in register):
            yield (
                f"{each.environment}: {each.check} ({each.asks}): {readable(each.resource)}. "
                "Mend it, or accept it with a reason in tools/checkov/skips.py"
            )
    for line in stale(register, [each[:3] for each in found]):
        yield f"tools/checkov/skips.py: {line}"


def main() -> None:
    """Print what is wrong, and exit with 1 where something is."""
    argparse.ArgumentParser(prog="python -m tools.checkov", description=__doc__).parse_args()
    wrong = list(errors(failed_checks()))
    if wrong:
        sys.exit("\n".join(wrong))


if __name__ == "__main__":
    main()
