"""Read YAML, and the values that manifests write in several ways."""

import re
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from tools.adopt.errors import AdoptError

_YES, _NO = ("true", "yes", "on"), ("false", "no", "off")
_UNITS_S = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 0.001}
# A manifest is a page of text; what is larger is something else.
_LARGEST_BYTES = 1024 * 1024


def read_text(path: Path, name: str) -> str:
    """Return the text of a manifest; raises AdoptError if it is huge or no text."""
    if path.stat().st_size > _LARGEST_BYTES:
        raise AdoptError(f"{name} has {path.stat().st_size} bytes, and no manifest is that large: look at it")
    try:
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise AdoptError(f"{name} cannot be read: {error}") from None


def read_yaml(path: Path, name: str) -> dict[str, Any]:
    """Return the mapping in a YAML or JSON file, {} for an empty one; raises AdoptError for anything else."""
    yaml = YAML(typ="safe", pure=True)
    # CloudFormation's tags, such as !Ref, stand in files of Beanstalk: their text is kept.
    yaml.constructor.add_multi_constructor("!", lambda _self, tag, node: f"!{tag} {node.value}")
    try:
        found = yaml.load(read_text(path, name))
    except YAMLError as error:
        said = " ".join(str(error).split())
        raise AdoptError(f"{name} is no YAML: {said}") from None
    if found is None:
        return {}
    if not isinstance(found, dict):
        raise AdoptError(f"{name} holds a {type(found).__name__}, but a mapping is needed")
    return {str(key): value for key, value in found.items()}


def seconds(value: object) -> float:
    """Return the seconds of 30, "30s", "1m30s" or "250ms"; raises ValueError for anything else."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    parts = re.findall(r"(\d+(?:\.\d+)?)(ms|h|m|s)", str(value))
    if not parts or "".join(number + unit for number, unit in parts) != str(value).replace(" ", ""):
        raise ValueError(f"'{value}' is no duration such as 30s")
    return sum(float(number) * _UNITS_S[unit] for number, unit in parts)


def whole(value: object) -> int:
    """Return a whole number, also one that is written as text; raises ValueError for anything else."""
    if isinstance(value, bool):
        raise ValueError(f"'{value}' is no number")
    return int(str(value))


def yes(value: object) -> bool:
    """Return True or False, also for `on` and "no"; raises ValueError for anything else."""
    text = str(value).lower()
    if text not in (*_YES, *_NO):
        raise ValueError(f"'{value}' is neither true nor false")
    return text in _YES


def texts(value: object) -> tuple[str, ...]:
    """Return the text or the texts of a value that may be one or a list."""
    return tuple(map(str, value)) if isinstance(value, list | tuple) else (str(value),)


def read_variables(text: str) -> dict[str, str]:
    """Return the variables of an environment file: NAME=value lines, with comments and quotes."""
    found = {}
    for line in text.splitlines():
        match = re.fullmatch(r"\s*(?:export\s+)?([A-Za-z_]\w*)\s*=\s*(.*?)\s*", line)
        if match:
            value = match[2]
            quoted = re.fullmatch(r"(['\"])(.*)\1", value)
            found[match[1]] = quoted[2] if quoted else re.sub(r"\s+#.*", "", value)
    return found
