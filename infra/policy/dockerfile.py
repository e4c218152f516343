"""Read from a Dockerfile the command that the image starts and the origin of its files."""

import io
import json
import re
import shlex
from collections.abc import Mapping
from pathlib import Path

from dockerfile_parse import DockerfileParser

from infra.policy.image import Copied, Stage

_HEREDOC = re.compile(r"<<-?\s*[\"']?(?P<end>\w+)[\"']?")
_VARIABLE = re.compile(r"\$(?:(?P<plain>\w+)|\{(?P<braced>\w+)(?::?-(?P<default>[^}]*))?\})")


def read_dockerfile(
    dockerfile: Path,
    *,
    context: Path | None = None,
    target: str | None = None,
    build_args: Mapping[str, str] | None = None,
) -> Stage:
    """Return the stage that is built, by default the last; the context is by default the file's folder.

    Raises OSError if the file cannot be read, and ValueError if it has no such stage.
    """
    reader = _Reader(context or dockerfile.parent, dict(build_args or {}))
    parser = DockerfileParser(fileobj=io.BytesIO(_without_heredocs(dockerfile.read_text()).encode()))
    for each in parser.structure:
        reader.read(each["instruction"], each["value"])
    wanted = target.lower() if target else reader.last
    if wanted not in reader.stages:
        raise ValueError(f"{dockerfile} has no stage '{target}'" if target else f"{dockerfile} has no FROM")
    return reader.stages[wanted]


def _without_heredocs(text: str) -> str:
    kept, end = [], None
    for line in text.splitlines():
        if end is None:
            kept.append(line)
            instruction = re.match(r"\s*(RUN|COPY|ADD)\b", line, re.IGNORECASE)
            found = _HEREDOC.search(line) if instruction else None
            end = found["end"] if found else None
        elif line.strip() == end:
            end = None
    return "\n".join(kept)


class _Reader:
    """A reader that takes the instructions one by one and keeps the stages."""

    def __init__(self, context: Path, build_args: dict[str, str]) -> None:
        self.context, self._build_args = context, build_args
        self.stages: dict[str, Stage] = {}
        self.last = ""
        self._arguments = dict(build_args)
        self._stage = Stage(context=context)
        self._command_is_the_bases = False

    def read(self, instruction: str, value: str) -> None:
        """Apply one instruction to the current stage."""
        if instruction == "FROM":
            self._begin(self._filled(value).split())
        elif instruction == "ARG":
            name, _, default = value.partition("=")
            self._arguments.setdefault(name.strip(), self._build_args.get(name, default.strip("\"' ")))
        elif instruction == "ENV":
            self._stage.variables |= _pairs(self._filled(value))
        elif instruction == "WORKDIR":
            self._stage.folder /= self._filled(value).strip("\"' ")
        elif instruction == "USER":
            self._stage.user = self._filled(value)
        elif instruction in {"COPY", "ADD"}:
            self._copy(self._filled(value))
        elif instruction == "CMD":
            self._stage.command, self._command_is_the_bases = _words(value), False
        elif instruction == "ENTRYPOINT":
            self._stage.entry_point = _words(value)
            # https://docs.docker.com/reference/dockerfile/#understand-how-cmd-and-entrypoint-interact
            if self._command_is_the_bases:
                self._stage.command = ()

    def _begin(self, words: list[str]) -> None:
        words = [word for word in words if not word.startswith("--")]
        base = self.stages.get(words[0].lower()) if words else None
        self._stage = Stage(**vars(base)) if base else Stage(context=self.context)
        self._stage.variables = dict(self._stage.variables)
        self._command_is_the_bases = base is not None
        self.last = str(sum(name.isdigit() for name in self.stages))
        self.stages[self.last] = self._stage
        if len(words) == 3 and words[1].lower() == "as":
            self.stages[words[2].lower()] = self._stage

    def _copy(self, value: str) -> None:
        paths = re.sub(r"--\S+\s+", "", value)
        words = _words(paths) if paths.startswith("[") else tuple(paths.split())
        origin = re.search(r"--from=(\S+)", value)
        stage = self.stages.get(origin[1].lower()) if origin else None
        if len(words) < 2 or (origin and stage is None):  # copied from another image
            return
        destination = self._stage.folder / words[-1]
        copied = Copied(sources=words[:-1], destination=destination, stage=stage)
        self._stage.copied = (*self._stage.copied, copied)

    def _filled(self, value: str) -> str:
        known = {**self._arguments, **self._stage.variables}
        return _VARIABLE.sub(
            lambda found: known.get(found["plain"] or found["braced"], found["default"] or ""), value
        )


def _words(value: str) -> tuple[str, ...]:
    try:
        words = json.loads(value)
    except ValueError:
        words = None
    if isinstance(words, list) and all(isinstance(word, str) for word in words):
        return tuple(words)
    return ("/bin/sh", "-c", value)


def _pairs(value: str) -> dict[str, str]:
    try:
        words = shlex.split(value)
    except ValueError:
        words = value.split()
    if words and "=" not in words[0]:  # the old form, ENV NAME value
        return {words[0]: " ".join(words[1:])}
    return dict(word.partition("=")[::2] for word in words)
