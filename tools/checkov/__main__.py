"""Check the templates of the last synth with checkov, less what is accepted."""

import argparse
import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from infra.accepted import ACCEPTED
from infra.policy import Accepted
from tools.accepted import REGISTER, of_the_kit, stale, told
from tools.assembly import CDK_OUT, artifacts, without_hash

CHECKOV = CDK_OUT.parent / ".local" / "checkov" / "bin" / "checkov"


class Failed(NamedTuple):
    """A check that failed on a resource of an environment."""

    check: str
    environment: str
    resource: str
    asks: str


def failed_checks(cdk_out: Path = CDK_OUT) -> list[Failed]:
    """Return all that checkov finds in the templates; exit with its own words where it does not run."""
    made = artifacts(cdk_out)
    files = {properties["templateFile"]: name for name, properties in made.items()}
    files |= {path.name: name for name in made for path in cdk_out.glob(f"Data-{name}.template.json")}
    # With --skip-download and without an API key, checkov does not use the network.
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


def errors(found: Sequence[Failed], *, kit: Sequence[Accepted], team: Sequence[Accepted]) -> Iterator[str]:
    """Yield a line for each failed check that is not accepted, and for each stale line of the team."""
    for each in found:
        if not any(accepted.covers(*each[:3]) for accepted in (*kit, *team)):
            yield (
                f"{each.environment}: {each.check} ({each.asks}): {without_hash(each.resource)}. "
                f"Correct it, or accept it with a reason in {REGISTER}"
            )
    yield from stale((each for each in team if each.rule.startswith("CKV")), [each[:3] for each in found])


def main() -> None:
    """Print what is accepted, with its reason, and what is wrong; exit with 1 where something is wrong."""
    argparse.ArgumentParser(prog="python -m tools.checkov", description=__doc__).parse_args()
    found = failed_checks()
    kit = of_the_kit(artifacts())
    reasons = (
        (*each[:3], accepted.reason)
        for each in found
        for accepted in (*kit, *ACCEPTED)
        if accepted.covers(*each[:3])
    )
    for line in told(reasons):
        print(line)
    if wrong := list(errors(found, kit=kit, team=ACCEPTED)):
        sys.exit("\n".join(wrong))


if __name__ == "__main__":
    main()
