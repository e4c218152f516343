"""Bring wishes into the team's environments: only what changes is edited, and a team's own edit is kept."""

import ast
import runpy
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from infra.mistakes import sentence
from infra.parameters import Alarms, Environment
from tools.adopt.environments_file import (
    FILE,
    SHARED,
    EnvironmentsFile,
    Place,
    code_of,
    common,
    environment_code,
    same_code,
)
from tools.adopt.errors import AdoptError
from tools.adopt.report import Report, shown
from tools.adopt.wishes import Wishes, fitted

# A preview has the number of a pull request; any one shows what its environment is.
_NUMBER = 1


class Environments:
    """The environments of a project: as they are, and as an adoption will leave them."""

    def __init__(self, root: Path, recorded: Mapping[str, str]) -> None:
        self._recorded = recorded
        path = root / FILE
        if not path.is_file():
            raise AdoptError(f"there is no {FILE}: adopt into a project of this kit")
        self._file = EnvironmentsFile(path.read_text())
        try:
            names = runpy.run_path(str(path))
        except Exception as error:  # noqa: BLE001 # the team's code may raise anything
            raise AdoptError(f"{FILE} is wrong already: {sentence(error)}") from None
        self.before: dict[str, Environment] = {each.name: each for each in names["ENVIRONMENTS"]}
        self.preview = names["preview"](_NUMBER) if "preview" in names else None
        self.record: dict[str, str] = {}

    def edited(self, wishes: Mapping[str, Wishes], preview: Wishes, report: Report) -> str:
        """Return the text of the file with the wishes for each environment; new ones are added."""
        first = next(iter(self.before.values()))
        email = next((each.alarms.email for each in self.before.values() if each.alarms.email), None)
        after: dict[str, Environment] = {}
        rows: dict[str, Report] = {}
        for name, each in wishes.items():
            base = self.before.get(name) or _begun(name, first, email)
            rows[name] = Report()
            after[name] = fitted(base, each, rows[name])
        if self.preview:
            after["preview"] = fitted(self.preview, preview, Report())
        for name, own in rows.items():
            everywhere = [row for row in own.rows if all(row in other.rows for other in rows.values())]
            report.merge(name, own.rows, everywhere)
        shared = self._share(after, report)
        places = self._file.places()
        for name, environment in after.items():
            codes = {
                kind: _with_shared(getattr(environment, kind), shared.get(kind, {}), SHARED[kind])
                for kind in SHARED
            }
            codes = {kind: code for kind, code in codes.items() if code != "{}"}
            if name in places:
                self._edit(places[name], environment, codes, report)
            else:
                self._file.add(name, environment_code(environment, **codes))
        return self._file.text()

    def _share(self, after: Mapping[str, Environment], report: Report) -> dict[str, dict[str, Any]]:
        """Write what all environments have of variables and secrets once."""
        shared: dict[str, dict[str, Any]] = {}
        for kind, constant in SHARED.items():
            alike = common([getattr(each, kind) for each in after.values()])
            there = self._file.shared(constant)
            if (len(after) > 1 and alike) or there is not None:
                code = code_of(alike)
                now = ast.unparse(there) if there is not None else None
                if self._may_set(constant, now, code, report):
                    shared[kind] = alike
                    if now is None or not same_code(now, code):
                        self._file.set_shared(constant, code)
        return shared

    def _edit(self, place: Place, environment: Environment, codes: Mapping[str, str], report: Report) -> None:
        words = {word.arg: ast.unparse(word.value) for word in place.call.keywords if word.arg}
        before = self.preview if place.name == "preview" else self.before.get(place.name)
        for field in Environment.model_fields:
            changed = getattr(environment, field) != getattr(before, field)
            what = f"{place.name}.{field}"
            if field not in codes and not changed:
                if what in self._recorded:
                    self.record[what] = self._recorded[what]
                continue
            code = codes.get(field) or code_of(getattr(environment, field))
            now = words.get(field)
            if now is not None and same_code(now, code):
                self.record[what] = code
            elif self._may_set(what, now, code, report):
                self._file.set(place, field, code)

    def _may_set(self, what: str, now: str | None, code: str, report: Report) -> bool:
        """Return whether a value may be set: a team's edit of what adopt wrote is kept, and told."""
        written = self._recorded.get(what)
        if written is not None and now is not None and not same_code(now, written):
            self.record[what] = written
            if not same_code(now, code):
                report.yours(
                    f"{FILE}: {what}",
                    now,
                    f"kept, because you changed it since; adopt would write {shown(code)}",
                )
            return False
        if written is None and now is not None and not same_code(now, code):
            report.otherwise(f"{FILE}: {what}", now, f"is now {shown(code)}")
        self.record[what] = code
        return True


def _begun(name: str, first: Environment, email: str | None) -> Environment:
    # It is to stay, as all environments are by default, and so must say who hears of its alarms.
    try:
        begun = Environment(name=name, region=first.region, availability_zones=first.availability_zones)
        return begun if email is None else begun.model_copy(update={"alarms": Alarms(email=email)})
    except ValidationError:
        raise AdoptError(
            f"an environment is called '{name}', but a name has 1 to 20 lower-case letters, digits and '-' "
            "here, first a "
            "letter: rename it in the manifest"
        ) from None


def _with_shared(values: Mapping[str, Any], shared: Mapping[str, Any], constant: str) -> str:
    """Return the code of a mapping that builds on the constant which all environments share."""
    if not shared or any(values.get(name) != value for name, value in shared.items()):
        return code_of(values)
    rest = {name: value for name, value in values.items() if name not in shared}
    own = code_of(rest).removeprefix("{")
    return f"{{**{constant}, {own}" if rest else constant
