"""Read a Dockerfile: how the image starts, its variables, and what it installs beside Python packages."""

import io
import json
import re
import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from dockerfile_parse import DockerfileParser

from tools.adopt.report import Report
from tools.adopt.values import read_text

# Packages that a build alone needs; a library's headers come with the library that the app runs with.
_COMPILERS = frozenset(
    [
        "build-essential",
        "gcc",
        "g++",
        "make",
        "cmake",
        "git",
        "pkg-config",
        "rustc",
        "cargo",
        "libc6-dev",
        "musl-dev",
    ]
)
# Headers, and the library that goes with them; nothing where the image has it.
# https://packages.debian.org/trixie/
_LIBRARIES = dict(
    pair.split("=")
    for pair in [
        "libpq-dev=libpq5",
        "default-libmysqlclient-dev=libmariadb3",
        "libmariadb-dev=libmariadb3",
        "libxml2-dev=libxml2",
        "libxslt1-dev=libxslt1.1",
        "libxslt-dev=libxslt1.1",
        "libffi-dev=libffi8",
        "libldap2-dev=libldap2",
        "libsasl2-dev=libsasl2-2",
        "libjpeg-dev=libjpeg62-turbo",
        "libmagic-dev=libmagic1",
        "unixodbc-dev=unixodbc",
        "libgeos-dev=libgeos-c1t64",
        "libcairo2-dev=libcairo2",
        "libssl-dev=",
        "zlib1g-dev=",
        "python3-dev=",
        "python-dev=",
    ]
)
_PYTHON = re.compile(r"python(3(\.\d+)?)?(-(pip|venv|dev|setuptools|wheel|distutils|minimal))?")
_HAS_BUILD = re.compile(
    r"\b(npm|yarn|pnpm|node|make|webpack|sass|flask|python3?|pybabel|msgfmt|alembic|curl|wget)\b"
)


@dataclass
class DockerfileFacts:
    """Hold what the last stage of a Dockerfile says, with that of the stages it stands on."""

    file: str
    command: list[str] | str = ""
    entry_point: list[str] | str = ""
    variables: dict[str, str] = field(default_factory=dict)
    apt: list[str] = field(default_factory=list)
    # What pip was given: packages, files after -r, extras of the project itself.
    packages: list[str] = field(default_factory=list)
    requirement_files: list[str] = field(default_factory=list)
    extras: list[str] = field(default_factory=list)

    @property
    def start(self) -> list[str] | str:
        """Return entry point and command together."""
        if isinstance(self.entry_point, str) and self.entry_point:
            return self.entry_point
        if isinstance(self.entry_point, list) and self.entry_point:
            rest = self.command if isinstance(self.command, list) else ["sh", "-c", self.command]
            return [*self.entry_point, *(rest if self.command else [])]
        return self.command


def read_dockerfile(path: Path, file: str, report: Report) -> DockerfileFacts:
    """Return the facts of a Dockerfile; what is set otherwise here is reported."""
    parser = DockerfileParser(fileobj=io.BytesIO(_without_heredocs(read_text(path, file)).encode()))
    stages: dict[str, DockerfileFacts] = {}
    facts = DockerfileFacts(file)
    for each in parser.structure:
        instruction, value = each["instruction"], each["value"]
        if instruction == "FROM":
            facts = _begin(value, stages, file)
        elif instruction != "COMMENT":
            _read(instruction, value, facts, report)
    earlier = [stage for stage in dict.fromkeys(map(id, stages.values())) if stage != id(facts)]
    for stage in {id(each): each for each in stages.values()}.values():
        if id(stage) in earlier:
            # Earlier stages build: their Debian packages are needed while pip installs.
            facts.apt += [f"build: {name}" for name in _names(stage.apt) if name not in _names(facts.apt)]
            facts.packages += stage.packages
            facts.requirement_files += stage.requirement_files
            facts.extras += stage.extras
    return facts


def _names(lines: Sequence[str]) -> list[str]:
    return [line.removeprefix("build: ") for line in lines]


def _begin(value: str, stages: dict[str, DockerfileFacts], file: str) -> DockerfileFacts:
    words = [word for word in value.split() if not word.startswith("--")]
    base = stages.get(words[0].lower()) if words else None
    facts = DockerfileFacts(file)
    if base:
        facts = DockerfileFacts(file, base.command, base.entry_point, dict(base.variables), list(base.apt))
    stages[words[2].lower() if len(words) > 2 else str(len(stages))] = facts
    return facts


def _read(instruction: str, value: str, facts: DockerfileFacts, report: Report) -> None:
    source = f"{facts.file}: {instruction}"
    if instruction == "CMD":
        facts.command = _words(value)
    elif instruction == "ENTRYPOINT":
        facts.entry_point = _words(value)
    elif instruction == "ENV":
        facts.variables |= _pairs(value)
    elif instruction == "RUN":
        _run(source, value, facts, report)
    elif instruction == "EXPOSE":
        report.otherwise(source, value, "the kit chooses the ports of proxy and Gunicorn")
    elif instruction == "USER":
        report.otherwise(
            source, value, "the service runs as user 10001, on a file system that it can only read"
        )
    elif instruction == "VOLUME":
        report.yours(
            source,
            value,
            "a task's disk ends with it, and only /tmp can be written: recipe docs/recipes/volumes.py, or "
            "a database",
        )
    elif instruction == "HEALTHCHECK":
        report.otherwise(
            source,
            value,
            "the load balancer checks tasks at `health_check.path`, the image has a check of its own",
        )


def _run(source: str, text: str, facts: DockerfileFacts, report: Report) -> None:
    for command in re.split(r"&&|;|\n", text):
        words = _split(command)
        if not words:
            continue
        if found := re.search(r"\bapt(?:-get)?\s+(?:-\S+\s+)*install\b(.*)", command):
            facts.apt += _debian(_split(found[1]), source, report)
        elif re.search(r"\bpip3?\s+install\b", command):
            _pip(words, facts)
        elif re.search(r"\b(apk|yum|dnf|microdnf)\s+(?:-\S+\s+)*(add|install)\b", command):
            names = [word for word in words[2:] if not word.startswith("-")]
            report.yours(
                source,
                " ".join(names),
                "the image is Debian's: name its packages in service/apt-packages.txt, such as libpq5 for "
                "postgresql-libs",
            )
        elif _HAS_BUILD.search(command) and not re.search(
            r"python3? -m venv|pip|apt|\buv\b|poetry|pipenv", command
        ):
            report.yours(
                source,
                command,
                "the kit's Dockerfile runs nothing of yours: make its result before, and commit it or let "
                "CI make it",
            )


def _debian(words: Sequence[str], source: str, report: Report) -> Iterator[str]:
    for word in words:
        name = word.partition("=")[0]
        if (
            word.startswith(("-", "$", ">", "|"))
            or not re.fullmatch(r"[a-z0-9][a-z0-9+.-]+", name)
            or _PYTHON.fullmatch(name)
        ):
            continue
        if name in _COMPILERS or name.endswith("-dev"):
            yield f"build: {name}"
            if _LIBRARIES.get(name):
                yield _LIBRARIES[name]
            elif name.endswith("-dev") and name not in _LIBRARIES:
                report.yours(
                    source,
                    name,
                    "needed while pip installs (service/apt-packages.txt); add the library itself, if the "
                    "app loads it",
                )
        else:
            yield name


def _pip(words: Sequence[str], facts: DockerfileFacts) -> None:
    rest = list(words[words.index("install") + 1 :])
    while rest:
        word = rest.pop(0)
        if word in ("-r", "--requirement") and rest:
            facts.requirement_files.append(rest.pop(0))
        elif word.startswith("--requirement="):
            facts.requirement_files.append(word.partition("=")[2])
        elif word in (
            "-e",
            "--editable",
            "-t",
            "--target",
            "-c",
            "--constraint",
            "-i",
            "--index-url",
            "--extra-index-url",
            "--prefix",
            "-f",
        ):
            if word in ("-e", "--editable") and rest:
                rest[0] = f"./{rest[0].lstrip('./')}"
            elif rest:
                rest.pop(0)
        elif found := re.fullmatch(r"\.?/?[\w./-]*\[([\w, -]+)\]", word):
            facts.extras += [each.strip() for each in found[1].split(",")]
        elif re.fullmatch(r"[A-Za-z][\w.-]*(\[[\w,]+\])?([=<>~!].*)?", word) and "/" not in word:
            facts.packages.append(word)


def _words(value: str) -> list[str] | str:
    try:
        words = json.loads(value)
    except ValueError:
        return value
    return list(map(str, words)) if isinstance(words, list) else value


def _pairs(value: str) -> dict[str, str]:
    words = _split(value)
    if words and "=" not in words[0]:  # the old form, ENV NAME value
        return {words[0]: " ".join(words[1:])}
    return dict(word.partition("=")[::2] for word in words if "=" in word)


def _split(text: str) -> list[str]:
    try:
        return shlex.split(text)
    except ValueError:
        return text.split()


def _without_heredocs(text: str) -> str:
    return re.sub(r"<<-?\s*[\"']?(\w+)[\"']?(.*?)\n.*?\n\1(?=\n|$)", r"\2", text, flags=re.DOTALL)
