"""Let uv choose the versions, and give each package the hashes that the team's own lock has for it."""

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from tools.locks.errors import LockError, NoNetworkError
from tools.locks.wanted import Pin, name_of

_PACKAGE = re.compile(
    r"^(?P<name>[A-Za-z0-9._-]+)(?:\[[^]]*])?==(?P<version>[^\s;\\]+)[^\\\n]*\\?\n"
    r"(?P<hashes>(?: {4}--hash=\S+(?: \\)?\n)*)",
    re.MULTILINE,
)
_PINNED = re.compile(r"[A-Za-z0-9._-]+(\[[^]]*])?==")
COOLDOWN = "7 days"
_NO_NETWORK = (
    "dns error",
    "tcp connect error",
    "client error (Connect)",
    "Failed to fetch",
    "request failed",
)


def resolve(
    inputs: Mapping[str, Sequence[str]],
    *,
    constraints: Iterable[str] = (),
    overrides: Iterable[str] = (),
    before: str = "",
    python: str,
    upgrade: str = "",
    pins: Iterable[Pin] = (),
) -> str:
    """Return a hashed requirements file for every platform; raise LockError with uv's reason.

    `before` is the lock as it was: what is in it stays, but for what `upgrade` names (`1` for all).
    """
    constraints = list(constraints)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        files = _write(folder, {**inputs, "the lock's versions": constraints, "the kit's": overrides})
        (folder / "out.txt").write_text(before)
        words = ["--universal", "--python-version", python, "--generate-hashes", "--no-header"]
        words += [
            *files[:-2],
            "--constraints",
            files[-2],
            "--overrides",
            files[-1],
            "--output-file",
            "out.txt",
        ]
        words += {"": [], "1": ["--upgrade"]}.get(upgrade, ["--upgrade-package", upgrade])
        words += _cooldown([*constraints, *(before.splitlines() if upgrade != "1" else [])], upgrade)
        run_uv(["pip", "compile", *words], cwd=folder)
        return _with_hashes((folder / "out.txt").read_text(), pins)


def _cooldown(locked: Iterable[str], upgrade: str) -> Iterator[str]:
    """Yield uv's options by which a version that nobody has looked at yet waits for a week.

    Most malicious releases are found within days. What is locked already stays, and a package that a person
    upgrades by its name is taken at once, for that may be the fix. UV_EXCLUDE_NEWER of the person counts.
    https://docs.astral.sh/uv/concepts/resolution/#dependency-cooldowns
    """
    if "UV_EXCLUDE_NEWER" in os.environ:
        return
    yield from ("--exclude-newer", COOLDOWN)
    names = {name_of(line.partition("==")[0].partition("[")[0]) for line in locked if _PINNED.match(line)}
    for name in sorted(names | ({name_of(upgrade)} if upgrade not in ("", "1") else set())):
        yield from ("--exclude-newer-package", f"{name}=false")


def run_uv(words: Sequence[str | Path], *, cwd: Path) -> str:
    """Return what uv prints; raise LockError with its reason."""
    done = subprocess.run(  # noqa: S603 (our own command)
        [Path(sys.executable).with_name("uv"), *words, "--quiet"],
        cwd=cwd,
        env={**os.environ, "UV_NO_PROGRESS": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        reason = done.stderr.strip()
        if any(each in reason for each in _NO_NETWORK):
            raise NoNetworkError(
                "no network: the package index could not be reached; connect and run it again, or name a "
                f"proxy or mirror (HTTPS_PROXY, UV_INDEX_URL).\n{reason}"
            )
        raise LockError(in_few_words(reason))
    return done.stdout


def in_few_words(reason: str) -> str:
    """Return uv's reason without the output of a build, which can be pages."""
    lines = reason.removeprefix("error: ").splitlines()
    end = next((number for number, line in enumerate(lines) if "[std" in line), len(lines))
    cause = [line for line in lines[end:] if "Error" in line][-1:]
    return "\n".join([*lines[:end], *cause]).replace("  cause: ", "  ")


def _write(folder: Path, inputs: Mapping[str, Iterable[str]]) -> list[str]:
    """Write each input to a file whose name uv repeats in the lock's comments."""
    names = []
    for name, lines in inputs.items():
        # uv reads a file as requirements only if no name of another format says otherwise.
        file = folder / name.replace("pyproject.toml", "pyproject")
        file.write_text("".join(f"{line}\n" for line in lines))
        names.append(file.name)
    return names


def _with_hashes(lock: str, pins: Iterable[Pin]) -> str:
    known: dict[tuple[str, str], set[str]] = {}
    for pin in pins:
        known.setdefault((pin.name, pin.version), set()).update(pin.hashes)

    def own(found: re.Match[str]) -> str:
        hashes = known.get((name_of(found["name"]), found["version"]))
        if not hashes:
            return found[0]
        of_the_index = set(re.findall(r"--hash=(\S+?)(?: \\)?$", found["hashes"], re.MULTILINE))
        if of_the_index and not hashes & of_the_index:
            raise LockError(
                f"{found['name']} {found['version']} has other files in the package index than in your lock: "
                "no hash of the lock is among the index's. Lock it again, and find out why it changed."
            )
        head = found[0].partition("\n")[0].removesuffix("\\").rstrip()
        return " \\\n".join([head, *(f"    --hash={each}" for each in sorted(hashes))]) + "\n"

    return _PACKAGE.sub(own, lock)
