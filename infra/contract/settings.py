"""Read which environment variables the service knows, without importing it.

A synth has none of the service's libraries, so the settings classes of the kit and of the team are read as
text: a field is required when it has no default, and secret when its type says SecretStr. tests/contract
compares the result with what pydantic makes of the classes.
"""

import ast
import difflib
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from infra.contract.allowed import Allowed, allowed_values
from infra.parameters import secret_example

_REPOSITORY = Path(__file__).resolve().parents[2]
TEAM_SETTINGS = Path("service", "app", "settings.py")
TEAM_CODE = (_REPOSITORY / "service" / "app", _REPOSITORY / "service" / "src")
FILES = (_REPOSITORY / "service" / "kit" / "settings.py", _REPOSITORY / TEAM_SETTINGS)
# Two names this much alike (difflib's ratio) count as a typing error; LOG_LEVLE and LOG_LEVEL have 0.89.
_TYPING_ERROR = 0.85


@dataclass(frozen=True, kw_only=True)
class Setting:
    """A field of a settings class, its variable, and the `place` in the code that error messages show.

    `allowed` says which values it takes, if the code tells.
    """

    variable: str
    required: bool
    secret: bool
    place: str
    allowed: Allowed | None = None

    @property
    def of_the_team(self) -> bool:
        """Return whether the team has declared it, and not the kit."""
        return not self.place.startswith("service/kit/")


@dataclass(frozen=True, kw_only=True)
class ServiceSettings:
    """The settings that the kit and the team have declared, by the name of their variable."""

    settings: dict[str, Setting]
    team_code: tuple[Path, ...] = TEAM_CODE

    def read_by_the_team(self, variable: str) -> bool:
        """Return whether a file of the team's code has the name as a word."""
        word = re.compile(rf"\b{re.escape(variable)}\b")
        files = (path for folder in self.team_code for path in sorted(folder.rglob("*.py")))
        return any(word.search(path.read_text(errors="replace")) for path in files)


def read_settings(*files: Path) -> ServiceSettings | None:
    """Return what the settings classes of the files declare, by default those of the kit and of the team.

    Return None if no file exists: then the policy checks no variables.
    """
    trees = {
        path: ast.parse(path.read_text(), filename=str(path)) for path in files or FILES if path.exists()
    }
    if not trees:
        return None
    found = [
        setting
        for path, tree in trees.items()
        for node in tree.body
        if isinstance(node, ast.ClassDef)
        for field in node.body
        if isinstance(field, ast.AnnAssign)
        for setting in _setting(field, path, tree)
    ]
    return ServiceSettings(settings={setting.variable: setting for setting in found})


def settings_problems(
    known: ServiceSettings, *, environment: str, variables: Mapping[str, str], secrets: Collection[str]
) -> Iterator[str]:
    """Yield a sentence for each required setting that is missing, secret in plain text, and misspelt name.

    Also for each value that the service would refuse at its start; an empty one is not known before.
    """
    declared = {*variables, *secrets}
    # service/database_url.py and cache_url.py make them of the parts.
    made = {f"{each}_URL" for each in ("DATABASE", "CACHE") if f"{each}_HOST" in variables}
    known_at_start = declared | made
    for name, setting in known.settings.items():
        if setting.required and name not in known_at_start:
            example = (
                secret_example(name, environment=environment)
                if setting.secret
                else f'variables={{"{name}": "..."}}'
            )
            yield (
                f"the service requires {name} ({setting.place}), and nothing gives it: the environment in "
                f"infra/environments.py needs it, for example {example}"
            )
        if setting.secret and name in variables:
            yield (
                f"{name} is a secret to the service ({setting.place}), but in variables it is for anybody "
                "to read: move it to secrets in infra/environments.py"
            )
        value = variables.get(name, "")
        if value and setting.allowed and not setting.allowed.takes(value):
            yield (
                f"{name}={value!r} in infra/environments.py is refused by the service at its start (allowed: "
                f"{setting.allowed.description})"
            )
    # The app reads variables of its own, which need no field: only a name is refused that is close to a
    # setting and stands nowhere in the team's code.
    for name in sorted(declared - known.settings.keys()):
        if known.read_by_the_team(name):
            continue
        unset = known.settings.keys() - known_at_start
        for meant in difflib.get_close_matches(name, unset, n=1, cutoff=_TYPING_ERROR):
            yield (
                f"the service does not read {name}: did you mean {meant}? If your app reads {name}, make it "
                f"a field of Settings in {TEAM_SETTINGS}"
            )


def _setting(field: ast.AnnAssign, path: Path, tree: ast.Module) -> Iterator[Setting]:
    annotation = ast.unparse(field.annotation)
    if isinstance(field.target, ast.Name) and not annotation.startswith("ClassVar"):
        yield Setting(
            variable=field.target.id.upper(),
            required=not _has_default(field.value) and not _has_default_in(field.annotation),
            secret="SecretStr" in annotation or "SecretBytes" in annotation,
            place=f"{_shown(path)}, line {field.lineno}",
            # A team's class may prepare values in ways that its text does not tell.
            allowed=allowed_values(field, tree) if path.parent.name == "kit" else None,
        )


def _shown(path: Path) -> str:
    return str(path.relative_to(_REPOSITORY) if path.is_relative_to(_REPOSITORY) else path.name)


def _has_default(value: ast.expr | None) -> bool:
    """Return whether `= value` gives a default; Field(...) gives one only with `default` or similar."""
    if not isinstance(value, ast.Call):
        return value is not None and not _is_ellipsis(value)
    named = [each for each in value.keywords if each.arg in ("default", "default_factory")]
    # Field's only positional argument is the default; other functions use theirs differently.
    is_field = isinstance(value.func, ast.Name | ast.Attribute) and ast.unparse(value.func).endswith("Field")
    given = [*(each.value for each in named), *(value.args if is_field else [])]
    return any(not _is_ellipsis(each) for each in given)


def _has_default_in(annotation: ast.expr) -> bool:
    calls = [node for node in ast.walk(annotation) if isinstance(node, ast.Call)]
    return any(_has_default(call) for call in calls)


def _is_ellipsis(value: ast.expr) -> bool:
    return isinstance(value, ast.Constant) and value.value is ...
