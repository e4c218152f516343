"""Find secrets in an image: in its variables, its history, and the files of all its layers."""

import re
from collections.abc import Iterator
from pathlib import PurePosixPath

from tools.preflight.archive import File, Image

_FIX = (
    "take it out, change it, since whoever has had the image knows it, and give it to the task by "
    "`secrets` of the environment; a build gets one by `RUN --mount=type=secret`"
)
# A variable with such a name holds a secret; GPG_KEY, which Python's image sets, is public.
_NAME = (
    r"\w*(?:SECRET|PASSWORD|PASSWD|TOKEN|API_?KEY|PRIVATE_?KEY|ACCESS_?KEY|SECRET_?KEY|CREDENTIALS)(?:_ID)?"
)
_ASSIGNED = re.compile(rf"\b({_NAME})=(?!\s|$|\$|['\"]{{2}})", re.IGNORECASE)
_VALUES = {
    "an AWS access key": re.compile(r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b"),
    "a private key": re.compile(r"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----"),
    "a GitHub token": re.compile(r"\bgh[pousr]_[A-Za-z0-9]{36}\b"),
    "a password in a URL": re.compile(r"\b[a-z][a-z0-9+]*://[^\s/:@'\"$]+:[^\s/:@'\"$]+@"),
}
_FILES = {".env", ".netrc", ".pypirc", ".git-credentials", "id_rsa", "id_ed25519", "id_ecdsa"}
# Files whose names end like this are read.
READ = (
    ".env .key .pem .npmrc .pypirc .netrc .ini .toml .yaml .yml .json .conf config.py settings.py credentials"
)
# The system and packages bring keys for their own tests, which are public.
_OTHERS = re.compile(r"^/(usr|etc|var|lib|proc|sys)/|/(site|dist)-packages/")


def faults(image: Image) -> Iterator[tuple[str, str]]:
    """Yield where each secret is, never what it is, and the fix."""
    for found in dict.fromkeys([*_in_variables(image), *_in_history(image), *_in_files(image)]):
        yield found, _FIX


def _in_variables(image: Image) -> Iterator[str]:
    for name, value in image.variables.items():
        if value and re.fullmatch(_NAME, name, re.IGNORECASE):
            yield f"variable {name}"
        elif kind := _kind(value):
            yield f"variable {name} holds {kind}"


def _in_history(image: Image) -> Iterator[str]:
    for line in image.history:
        instruction = " ".join(line.split()[:3])
        for name in _ASSIGNED.findall(line):
            if name not in image.variables:
                yield f"{name} in the history (`docker history` shows it)"
        if kind := _kind(line):
            yield f"{kind} in the history, at '{instruction} ...'"


def _in_files(image: Image) -> Iterator[str]:
    for file in image.files.values():
        if why := _file(file):
            yield f"{file.path} ({why})"
    for file in image.buried:
        if (why := _file(file)) and file.path not in image.files:
            yield f"{file.path} ({why}), deleted later but still in layer {file.layer + 1}"


def _file(file: File) -> str | None:
    path = PurePosixPath(file.path)
    if _OTHERS.search(file.path):
        return None
    if path.name in _FILES or path.name.startswith(".env.") or file.path.endswith("/.aws/credentials"):
        return "a file for secrets"
    if file.path.endswith("/.git/HEAD"):
        return "the repository with all its past"
    return _kind(file.text)


def _kind(text: str) -> str | None:
    return next((kind for kind, pattern in _VALUES.items() if pattern.search(text)), None)
