"""Service settings: what service/settings.py reads from the environment, told without importing it.

A synth has none of the service's libraries. So its classes are read as text: a field is required when it
is given no default, and secret when its type says SecretStr. tests/contract compares this with what pydantic
makes of them.
"""

import ast
import difflib
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

SETTINGS = Path(__file__).resolve().parent.parent / "service" / "settings.py"
# Beside the classes: variables, or patterns of them, that no setting reads but a library does.
_LIBRARIES = "READ_BY_LIBRARIES"


@dataclass(frozen=True, kw_only=True)
class Setting:
    """A field of a settings class."""

    variable: str
    required: bool
    secret: bool
    line: int


@dataclass(frozen=True, kw_only=True)
class ServiceSettings:
    """All that the service reads: its settings, and the names that libraries read by themselves."""

    settings: dict[str, Setting]
    libraries: tuple[str, ...]


def read_settings(path: Path = SETTINGS) -> ServiceSettings | None:
    """What the file's settings classes declare; None without a file, where nothing can be told."""
    if not path.exists():
        return None
    tree = ast.parse(path.read_text(), filename=str(path))
    found = [
        setting
        for node in tree.body
        if isinstance(node, ast.ClassDef)
        for field in node.body
        if isinstance(field, ast.AnnAssign)
        for setting in _setting(field)
    ]
    return ServiceSettings(
        settings={setting.variable: setting for setting in found},
        libraries=next((value for node in tree.body for value in _libraries(node)), ()),
    )


def settings_problems(
    known: ServiceSettings, *, variables: Collection[str], secrets: Collection[str]
) -> Iterator[str]:
    """What the service requires and does not get, gets in plain text or does not read."""
    declared = {*variables, *secrets}
    for name, setting in known.settings.items():
        place = f"service/settings.py, line {setting.line}"
        if setting.required and name not in declared:
            example = (
                f'secrets={{"{name}": NewSecret()}}' if setting.secret else f'variables={{"{name}": "..."}}'
            )
            yield (
                f"the service requires {name} ({place}), and nothing gives it: the environment in "
                f"infra/environments.py needs it, for example {example}"
            )
        if setting.secret and name in variables:
            yield (
                f"{name} is a secret to the service ({place}), but in variables it is for anybody to read: "
                "move it to secrets in infra/environments.py"
            )
    for name in sorted(declared - known.settings.keys()):
        if any(fnmatchcase(name, pattern) for pattern in known.libraries):
            continue
        close = difflib.get_close_matches(name, known.settings.keys() - declared, n=1)
        hint = f"did you mean {close[0]}?" if close else "make it a field of Settings, or remove it."
        yield (
            f"the service does not read {name}: {hint} If a library reads it by itself, add its name to "
            f"{_LIBRARIES} in service/settings.py"
        )


def _setting(field: ast.AnnAssign) -> Iterator[Setting]:
    annotation = ast.unparse(field.annotation)
    if isinstance(field.target, ast.Name) and not annotation.startswith("ClassVar"):
        yield Setting(
            variable=field.target.id.upper(),
            required=not _has_default(field.value) and not _has_default_in(field.annotation),
            secret="SecretStr" in annotation or "SecretBytes" in annotation,
            line=field.lineno,
        )


def _has_default(value: ast.expr | None) -> bool:
    """Whether `= value` is a default; a call such as Field(...) is none unless it is given one."""
    if not isinstance(value, ast.Call):
        return value is not None and not _is_ellipsis(value)
    named = [each for each in value.keywords if each.arg in ("default", "default_factory")]
    # Field's only positional argument is the default; other functions mean other things by theirs.
    is_field = isinstance(value.func, ast.Name | ast.Attribute) and ast.unparse(value.func).endswith("Field")
    given = [*(each.value for each in named), *(value.args if is_field else [])]
    return any(not _is_ellipsis(each) for each in given)


def _has_default_in(annotation: ast.expr) -> bool:
    calls = [node for node in ast.walk(annotation) if isinstance(node, ast.Call)]
    return any(_has_default(call) for call in calls)


def _is_ellipsis(value: ast.expr) -> bool:
    return isinstance(value, ast.Constant) and value.value is ...


def _libraries(node: ast.stmt) -> Iterator[tuple[str, ...]]:
    if isinstance(node, ast.AnnAssign) and node.value and ast.unparse(node.target) == _LIBRARIES:
        yield tuple(ast.literal_eval(node.value))
