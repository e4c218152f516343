"""Take a Flask app from another repository into this project: its code, its packages, its manifests.

Reads the files of Copilot and Gunicorn, Procfile, Dockerfile, apprunner.yaml, app.json, .ebextensions and
compose. Prints what was taken over, what is set otherwise and why, and what is left to you. Nothing of the
other repository is run or changed. A second run brings what has changed there, and keeps what you changed.

Exit codes: 0 adopted; 1 not possible, and then nothing was written; 2 wrong usage; 130 ended by Ctrl-C.
"""

import argparse
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from tools import show
from tools.adopt.code import SRC, app_files, names_imported, project_folder, python_files
from tools.adopt.detect import Entry, candidates, choose
from tools.adopt.ecs_patterns import tell_patterns
from tools.adopt.entry import entry_files
from tools.adopt.environments import Environments
from tools.adopt.environments_file import FILE, formatted
from tools.adopt.errors import AdoptError
from tools.adopt.manifests import Manifests, flask_app, read_manifests, wishes_for
from tools.adopt.migrations import release_command
from tools.adopt.packages import SERVICE, find_packages, project_name
from tools.adopt.reads import Read, asks_for_its_version, remarks, untranslated, variables_read
from tools.adopt.report import Report
from tools.adopt.wishes import Wishes
from tools.adopt.write import Record, read_record, write

ROOT = Path(__file__).resolve().parents[2]
_FOR_TESTS = "a value for tests alone, 32 letters"


def main(argv: Sequence[str] | None = None) -> int:
    """Adopt the app of the folder that is given; every failure is one line."""
    parser = argparse.ArgumentParser(
        prog="make adopt FROM=", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", metavar="FROM", help="folder of the app's repository, or of the app in it")
    parser.add_argument(
        "--app", metavar="APP", help="module:name of the app, if there are several, such as wsgi:app"
    )
    parser.add_argument(
        "--service", metavar="SERVICE", help="name of Copilot's service, if there are several"
    )
    arguments = parser.parse_args(argv)
    if not arguments.folder:
        parser.error("FROM is missing: make adopt FROM=../their-repo")
    try:
        adopt(ROOT, arguments.folder, app=arguments.app, service=arguments.service)
    except AdoptError as error:
        show.error(f"Nothing was written: {error}")
        return 1
    except KeyboardInterrupt:
        show.error("Stopped: nothing was written.")
        return 130
    return 0


def adopt(root: Path, given: str, *, app: str | None = None, service: str | None = None) -> Report:
    """Take the app of a folder into the project at `root`; after an AdoptError, nothing was written."""
    top = _folder(root, given)
    last = read_record(root)
    with show.step(f"Reading {given}"):
        manifests, entry, project = _find_app(top, app, service)
        report = manifests.report
        report.taken(entry.because, entry.label, "service/app/__init__.py imports it")
        files = app_files(project, entry, report)
        reads = variables_read(files)
        report.taken(
            f"{len(files)} files",
            "",
            f"{SRC}, in their own layout; it is the working directory, and on Python's path",
        )
        imported = names_imported(files)
        packages = find_packages(project, manifests.docker, imported, report)
        remarks(files, report)
        untranslated(files, report)
        tell_patterns(top, python_files(top), report)
        content: dict[Path, Path | str] = {**files, **packages.copied, **packages.written}
        content |= _apt_packages(manifests, report)
        content |= _metadata(project, files, report)
        migrations = release_command({place.relative_to(SRC): file for place, file in files.items()})
        record = Record()
        polls = "flask_socketio" in imported
        content |= _environments(root, manifests, reads, migrations, last, record, entry, report, polls=polls)
    with show.step("Writing your files"):
        changed = write(root, content, record, last, report)
    report.print()
    _say_what_is_next(changed, last)
    return report


def _folder(root: Path, given: str) -> Path:
    top = Path(given).expanduser()
    top = (top if top.is_absolute() else Path.cwd() / top).resolve()
    if not top.is_dir():
        raise AdoptError(
            f"FROM is '{given}', and there is no such folder: give the app's repository, such as FROM=../shop"
        )
    if root.resolve() == top or top.is_relative_to(root.resolve()) or root.resolve().is_relative_to(top):
        raise AdoptError(
            f"FROM is '{given}', which has this project in it or is in it: give another repository"
        )
    if not os.access(top, os.R_OK | os.X_OK):
        raise AdoptError(f"FROM is '{given}', which you may not read")
    return top


def _find_app(top: Path, app: str | None, service: str | None) -> tuple[Manifests, Entry, Path]:
    """Return manifests, app and the app's own folder, where its manifests may stand too."""
    found = candidates(top)
    roots = {
        project_folder(top, Entry(each.root, "", "", factory=False, arguments="", because=""))
        for each in found
    }
    folders = [*(roots if len(roots) == 1 else ()), top]
    manifests = read_manifests(list(dict.fromkeys(folders)), service)
    _, _, commands = wishes_for(manifests, "dev", (), (), known=False)
    entry = choose(top, found, commands, flask_app(manifests), app)
    project = project_folder(top, entry)
    if project not in manifests.folders:
        manifests = read_manifests([project, top], service)
    return manifests, entry, project


def _environments(
    root: Path,
    manifests: Manifests,
    reads: Sequence[Read],
    migrations: tuple[str, ...],
    last: Record,
    record: Record,
    entry: Entry,
    report: Report,
    *,
    polls: bool,
) -> dict[Path, Path | str]:
    """Return infra/environments.py with what the manifests say, and the team's files that depend on it."""
    environments = Environments(root, last.environments)
    known = manifests.copilot.environments if manifests.copilot else {}
    wishes: dict[str, Wishes] = {}
    said: dict[str, Report] = {}
    for name in dict.fromkeys([*environments.before, *known]):
        each, rows, _ = wishes_for(manifests, name, reads, migrations, known=name in known)
        wishes[name] = each if name in known or not known else each.needed_everywhere()
        said[name] = rows
    kept = [name for name in environments.before if known and name not in known]
    if kept:
        report.otherwise(
            FILE.name,
            ", ".join(kept),
            "not in Copilot: kept as they are, with the variables and secrets of the app; delete what you "
            "do not need, but `make up` starts dev",
        )
    told = {name: rows for name, rows in said.items() if name not in kept}
    for name, rows in told.items():
        everywhere = [row for row in rows.rows if all(row in other.rows for other in told.values())]
        report.merge(name, rows.rows, everywhere)
    preview = wishes_for(manifests, "preview", reads, migrations, known=False)[0].needed_everywhere()
    if polls:
        for each in (*wishes.values(), preview):
            each.keep_clients_with_one_process()
    text = environments.edited(wishes, preview, report)
    record.environments = environments.record
    first = next(iter(wishes.values()))
    secrets = dict.fromkeys(first.get("secrets") or {}, _FOR_TESTS)
    files = entry_files(entry, {**(first.get("variables") or {}), **secrets})
    return {**formatted({FILE: text, **files}, root)}


def _apt_packages(manifests: Manifests, report: Report) -> dict[Path, Path | str]:
    docker = manifests.docker
    names = list(dict.fromkeys(docker.apt)) if docker else []
    # What runs needs no second line for the build.
    names = [
        name
        for name in names
        if name.removeprefix("build: ") == name or name.removeprefix("build: ") not in names
    ]
    if not docker or not names:
        return {}
    report.taken(f"{docker.file}: apt-get install", ", ".join(names), "service/apt-packages.txt")
    return {
        SERVICE / "apt-packages.txt": "# Yours: Debian packages, one a line; with `build:`, only for pip.\n"
        + "".join(f"{name}\n" for name in names)
    }


def _metadata(project: Path, files: Mapping[Path, Path], report: Report) -> dict[Path, Path | str]:
    """Return the metadata by which the app finds its own version: here it is copied, not installed."""
    name, version = project_name(project)
    if not name or not asks_for_its_version(files, name):
        return {}
    folder = f"{name.replace('-', '_')}-{version}.dist-info"
    report.taken(
        "importlib.metadata", f"{name} {version}", f"{SRC / folder}, because the app asks for its own version"
    )
    return {SRC / folder / "METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"}


def _say_what_is_next(changed: int, last: Record) -> None:
    if not changed:
        show.console.print("Nothing has changed since the last adoption.")
        return
    again = " again" if last.files else ""
    show.console.print(f"Adopted{again}: {changed} files. Next: look at the table, `make up`, and commit.")


if __name__ == "__main__":
    sys.exit(main())
