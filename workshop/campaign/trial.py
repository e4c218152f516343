"""Try one environment: it is synthesised, refused with a sentence, or something breaks."""

import json
import re
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import ValidationError

from infra.application import build_app
from infra.parameters import Domain, Environment, Parameters, explain
from workshop.campaign.call import Call

Outcome = Literal["synthesised", "refused", "crashed"]
# What environments that share a load balancer share it with.
OWNER = Environment(
    name="owner",
    domain=Domain(name="app.example.org", hosted_zone_id="Z0EXAMPLE", hosted_zone_name="example.org"),
)
_SENTENCE = re.compile(r"(?P<place>[\w/.]+:\d+: )?(?P<model>\w+)(?P<field>(\.[^:]*)?): (?P<rest>.+)")


@dataclass(frozen=True)
class Result:
    """The outcome of a trial, and its message."""

    outcome: Outcome
    said: str


def constructed(call: Call) -> Environment | Result:
    """Return the environment, or how it was refused or crashed."""
    try:
        value = call.made()
    except ValidationError as error:
        said = explain(error)
        wrong = [line for line in said.splitlines() if not _names_a_field(line)]
        return Result("crashed", f"names no field: {wrong}") if wrong else Result("refused", said)
    except Exception as error:  # noqa: BLE001 (whatever it is, it is what the campaign looks for)
        return Result("crashed", f"{type(error).__name__}: {error}")
    assert isinstance(value, Environment)  # noqa: S101 (Call makes what it names)
    return value


def tried(call: Call) -> Result:
    """Build and synthesise an environment as `cdk synth` does; leave nothing behind."""
    environment = constructed(call)
    if isinstance(environment, Result):
        return environment
    folder = Path(tempfile.mkdtemp(prefix="campaign-"))
    try:
        return _synthesised(environment, folder)
    finally:
        shutil.rmtree(folder)


def _synthesised(environment: Environment, folder: Path) -> Result:
    try:
        app = build_app(OWNER, environment, outdir=str(folder))
    except ValueError as error:
        written = [path.name for path in folder.iterdir() if not path.name.startswith("asset.")]
        if written or not str(error).startswith(f"{environment.name}: "):
            return Result("crashed", f"{error} (written: {written})")
        return Result("refused", str(error))
    except Exception as error:  # noqa: BLE001 (as above)
        return Result("crashed", f"{type(error).__name__}: {error}")
    try:
        app.synth()
    except Exception as error:  # noqa: BLE001 (as above)
        return _judged(error, folder)
    return Result("synthesised", "")


def _judged(error: Exception, folder: Path) -> Result:
    """Return a refusal for findings of our own policy, and a crash for those of any other rule."""
    report = folder / "validation-report.json"
    found = list(_findings(report)) if report.exists() else []
    ours = [sentence for plugin, sentence in found if plugin == "flask-fargate"]
    if not found or len(ours) < len(found):
        others = [f"{plugin}: {sentence}" for plugin, sentence in found if plugin != "flask-fargate"]
        return Result("crashed", "; ".join(others) or f"{type(error).__name__}: {error}")
    return Result("refused", "; ".join(ours))


def _findings(report: Path) -> Iterator[tuple[str, str]]:
    for plugin in json.loads(report.read_text())["pluginReports"]:
        for violation in plugin["violations"]:
            if violation.get("severity") not in ("warning", "info"):
                yield plugin["pluginName"], f"{violation['ruleName']}: {violation['description']}"


def _fields(model: type[Parameters]) -> set[str]:
    return set(model.model_fields).union(*(_fields(each) for each in model.__subclasses__()))


def _names_a_field(line: str) -> bool:
    """Return whether the sentence says which field is wrong."""
    found = _SENTENCE.fullmatch(line)
    if not found:
        return False
    words = set(re.findall(r"\w+", found["rest"]))
    return bool(found["field"]) or "there is no field" in line or not words.isdisjoint(_fields(Parameters))
