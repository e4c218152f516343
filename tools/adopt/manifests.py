"""Read all that a repository says about how its app runs, into wishes for each environment."""

import json
import re
import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from infra.parameters import NewSecret
from tools.adopt import apprunner, beanstalk, compose, gunicorn_config, heroku
from tools.adopt.commands import Command, read_command
from tools.adopt.copilot import Copilot, find_copilot, take_service, take_the_rest
from tools.adopt.dockerfile import DockerfileFacts, read_dockerfile
from tools.adopt.errors import AdoptError
from tools.adopt.reads import Read
from tools.adopt.report import Report
from tools.adopt.rules import apply
from tools.adopt.values import read_text, read_variables, read_yaml
from tools.adopt.variables import is_secret, take_secret, take_variable
from tools.adopt.wishes import Wishes

_MIGRATES = re.compile(
    r"\b(flask\s+(?:\S+\s+)*?db\s+upgrade|alembic\s+upgrade|manage(?:\.py)?\s+db\s+upgrade)\b"
)
_PYTHON = "the image's Python is 3.13 (service/Dockerfile)"
# Commands before a server that do something for the app: not the shell's own words.
_PREPARES = re.compile(r"(\S*/)?(flask|python3?|alembic|celery|rq|pybabel|npm|yarn|make|[\w-]+\.(py|sh))\b.*")


@dataclass
class Manifests:
    """The manifests of a repository, each read once; `folders` are the app's own and those above it."""

    folders: Sequence[Path]
    copilot: Copilot | None
    docker: DockerfileFacts | None
    report: Report = field(default_factory=Report)

    def path(self, *names: str) -> tuple[Path, str] | None:
        """Return the first file of these names, and what to call it."""
        for folder in self.folders:
            for name in names:
                if (folder / name).is_file():
                    return folder / name, name
        return None


def read_manifests(folders: Sequence[Path], service: str | None) -> Manifests:
    """Return the manifests in the folders; raises AdoptError for one that cannot be read."""
    copilot = next((each for folder in folders if (each := find_copilot(folder, service))), None)
    manifests = Manifests(folders, copilot, None)
    if found := _dockerfile(manifests):
        manifests.docker = read_dockerfile(*found, manifests.report)
    if copilot:
        take_the_rest(copilot, manifests.report)
    for name in ("runtime.txt", ".python-version"):
        if found := manifests.path(name):
            manifests.report.otherwise(name, read_text(*found).strip(), _PYTHON)
    if (folders[0] / ".platform").is_dir():
        manifests.report.yours(
            ".platform",
            "",
            "hooks of an instance, and nginx of its own: what the app needs at the start belongs into `create_app`, rules of nginx to docs/recipes/path_rules.py",
        )
    return manifests


def _dockerfile(manifests: Manifests) -> tuple[Path, str] | None:
    """Return the Dockerfile: the one that Copilot builds, else the usual one."""
    if manifests.copilot:
        build = (manifests.copilot.service.data.get("image") or {}).get("build")
        name = build.get("dockerfile") if isinstance(build, dict) else build
        if isinstance(name, str):
            for folder in manifests.folders:
                path = folder / name
                if path.is_file() and path.resolve().is_relative_to(folder.resolve()):
                    return path, name.removeprefix("./")
    return manifests.path("Dockerfile", "docker/Dockerfile", "deploy/Dockerfile")


def wishes_for(
    manifests: Manifests, environment: str, reads: Sequence[Read], migrations: tuple[str, ...], *, known: bool
) -> tuple[Wishes, Report, list[Command]]:
    """Return what one environment shall have, what is said of it, and the commands that start the app.

    The later a manifest is read, the more it counts: Dockerfile, Gunicorn's file, Procfile, Copilot.
    """
    wishes, report = Wishes(environment), Report()
    _take_docker(manifests, reads, wishes, report)
    if found := manifests.path(".flaskenv"):
        for name, value in read_variables(read_text(*found)).items():
            take_variable(wishes, report, f".flaskenv: {name}", name, value, environment)
    for name in compose.FILES:
        if found := manifests.path(name):
            compose.take_compose(read_yaml(*found), name, wishes, report)
    _take_heroku(manifests, wishes, report)
    for name in apprunner.FILES:
        if found := manifests.path(name):
            apprunner.take_app_runner(read_yaml(*found), name, wishes, report)
    for folder in manifests.folders:
        for path in beanstalk.config_files(folder):
            beanstalk.take_config(path, str(path.relative_to(folder)), wishes, report)
    if manifests.copilot:
        own, said = take_service(manifests.copilot, manifests.folders[-1], environment, known=known)
        report.rows += said.rows
        wishes.update(own)
    commands = _commands(manifests, wishes)
    _take_gunicorn(manifests, commands, wishes, report)
    _take_release(commands, migrations, wishes, report)
    _take_reads(manifests, reads, wishes, report)
    return wishes, report, commands


def _take_docker(manifests: Manifests, reads: Sequence[Read], wishes: Wishes, report: Report) -> None:
    """Take what the image sets; variables that its start script alone reads have no reader here."""
    docker = manifests.docker
    if docker is None:
        return
    command = (
        read_command(f"{docker.file}: CMD", docker.start, manifests.folders[0]) if docker.start else None
    )
    for_script = (command.script_reads if command else frozenset()) - {read.name for read in reads}
    alone = [name for name in docker.variables if name in for_script and name != "PORT"]
    for name, value in docker.variables.items():
        if name not in alone or name == "SECRET_KEY":
            take_variable(wishes, report, f"{docker.file}: ENV {name}", name, value, wishes.environment)
    if alone:
        report.yours(
            f"{docker.file}: ENV",
            ", ".join(alone),
            "the start script reads them, and the app does not: what the script made of them, such as a file of settings, is "
            "yours to bring in another way",
        )
    if command:
        wishes.notes.setdefault("commands", []).append((command.source, docker.start))


def _take_heroku(manifests: Manifests, wishes: Wishes, report: Report) -> None:
    if found := manifests.path("Procfile"):
        for name, command in heroku.read_procfile(read_text(*found)).items():
            apply(heroku.PROCFILE_RULES, {name: command}, file="Procfile", wishes=wishes, report=report)
            if name == "web":
                wishes.notes.setdefault("commands", []).append(("Procfile: web", command))
            elif name == "release":
                wishes.notes.setdefault("release", []).append(("Procfile: release", command))
    if found := manifests.path("app.json"):
        try:
            data = json.loads(read_text(*found))
        except ValueError as error:
            raise AdoptError(f"app.json is no JSON: {error}") from None
        # Expo, for example, has an app.json of its own.
        if isinstance(data, dict) and not {"expo"} & data.keys():
            heroku.take_app_json(data, "app.json", wishes, report)


def _commands(manifests: Manifests, wishes: Wishes) -> list[Command]:
    commands = [
        read_command(source, given, folder)
        for source, given in wishes.notes.get("commands", [])
        if given
        for folder in manifests.folders[:1]
    ]
    file = _gunicorn_file(manifests, commands)
    read = gunicorn_config.read_settings(read_text(*file)) if file else None
    if file and read and isinstance(target := read[0].get("wsgi_app"), str):
        commands.append(Command(f"{file[1]}: wsgi_app", target, "", target, {}, (), shell=False))
    for source, target in wishes.notes.get("targets", []):
        commands.append(
            Command(source, target, "", target.removesuffix(".py").replace(".py:", ":"), {}, (), shell=False)
        )
    return commands


def _gunicorn_file(manifests: Manifests, commands: Sequence[Command]) -> tuple[Path, str] | None:
    """Return Gunicorn's configuration: the file that a command names, else the one of the usual name."""
    named = [command.options["config"] for command in commands if "config" in command.options]
    names = [name.removeprefix("file:").removeprefix("./").lstrip("/") for name in named]
    names += [
        f"{name.removeprefix('python:').replace('.', '/')}.py" for name in named if name.startswith("python:")
    ]
    names += [name.rpartition("/")[2] for name in names]
    return manifests.path(*names, *gunicorn_config.FILES)


def _take_gunicorn(manifests: Manifests, commands: Sequence[Command], wishes: Wishes, report: Report) -> None:
    if found := _gunicorn_file(manifests, commands):
        read = gunicorn_config.read_settings(read_text(*found))
        if read is None:
            report.yours(found[1], "", "no Python: it could not be read")
        else:
            gunicorn_config.take_settings(read[0], found[1], wishes, report)
            gunicorn_config.take_functions(read[1], found[1], report)
    for command in commands:
        options = {name: value for name, value in command.options.items() if name != "config"}
        gunicorn_config.take_settings(options, command.source, wishes, report)
        if (
            command.server == "gunicorn"
            and not command.options.get("worker_class")
            and not command.options.get("threads")
        ):
            report.otherwise(
                command.source,
                "worker class sync",
                "Gunicorn's default; here a worker has threads, so a slow request holds up no other (docs/lifecycle.md)",
            )
        elif command.server == "flask run":
            report.otherwise(
                command.source,
                command.text,
                "Gunicorn serves: `flask run` is the development server, which ends with a sentence in AWS",
            )
        elif command.server == "python":
            report.otherwise(
                command.source,
                command.text,
                "Gunicorn serves; `app.run()` below `if __name__` is not reached",
            )
        elif command.server not in ("", "gunicorn"):
            report.otherwise(
                command.source, command.server, "Gunicorn serves, configured by service/gunicorn_conf.py"
            )
        if command.shell and command.server:
            report.otherwise(
                command.source,
                command.text,
                "no shell starts the server: it would not pass SIGTERM on, and a deployment would cut requests",
            )


def _take_release(
    commands: Sequence[Command], migrations: tuple[str, ...], wishes: Wishes, report: Report
) -> None:
    """Take the one command that prepares a release; what else ran before the server is left."""
    asked: list[tuple[str, str]] = list(wishes.notes.get("release", []))
    others = [
        *wishes.notes.get("before", []),
        *((each.source, text) for each in commands for text in each.before),
    ]
    asked += [(source, text) for source, text in others if _MIGRATES.search(text)]
    for source, text in others:
        if not _MIGRATES.search(text) and _PREPARES.fullmatch(text.strip()):
            report.yours(
                source,
                text,
                "nothing runs before the server here: once for each version, the `release_command`; in each worker, `create_app`",
            )
    if not asked:
        if migrations:
            wishes.set("release_command", migrations, "folder of migrations")
            report.taken(
                "folder of migrations",
                "",
                f"`release_command={migrations!r}`, once before each new version serves",
            )
        return
    source, text = asked[0]
    words = _release_words(text)
    wishes.set("release_command", words, source)
    report.taken(source, text, f"`release_command={words!r}`, once before each new version serves")
    for source, text in asked[1:]:
        if _release_words(text) != words:
            report.yours(
                source, text, "there is one `release_command`: join them with ('sh', '-c', 'one && two')"
            )


def _release_words(text: str) -> tuple[str, ...]:
    if re.search(r"[;&|<>$`]", text):
        return ("sh", "-c", text)
    words = shlex.split(text)
    if words[:1] == ["flask"]:
        # FLASK_APP is set in the image.
        rest = list(words[1:])
        while rest and rest[0] in ("--app", "-A"):
            rest = rest[2:]
        words = ["flask", *(word for word in rest if not word.startswith("--app="))]
    return tuple(words)


def _take_reads(manifests: Manifests, reads: Sequence[Read], wishes: Wishes, report: Report) -> None:
    """Give the app what its code cannot start without, and say what else it would read."""
    variables, secrets = wishes.get("variables") or {}, wishes.get("secrets") or {}
    for name in [name for name in variables if name in secrets]:
        wishes.set("variables", {each: value for each, value in variables.items() if each != name}, "")
    given = {*variables, *secrets}
    unset = []
    for read in sorted(reads):
        if (
            read.name in given
            or read.name == "SECRET_KEY"
            or read.name.startswith(("FLASK_", "GUNICORN_", "AWS_", "ECS_"))
        ):
            continue
        if manifests.copilot and read.name in (
            "COPILOT_ENVIRONMENT_NAME",
            "COPILOT_APPLICATION_NAME",
            "COPILOT_SERVICE_NAME",
        ):
            names = {
                "COPILOT_ENVIRONMENT_NAME": wishes.environment,
                "COPILOT_APPLICATION_NAME": manifests.copilot.application,
            }
            value = names.get(read.name) or str(manifests.copilot.service.data.get("name"))
            wishes.add("variables", read.name, value, read.place)
            report.taken(read.place, read.name, "`variables`: Copilot set it, so the environment does")
        elif read.required and (is_secret(read.name) or read.name.endswith(("_URL", "_URI", "_DSN"))):
            take_secret(wishes, report, f"{read.place}: {read.name}", read.name, wishes.environment)
        elif read.required:
            report.yours(
                read.place,
                read.name,
                "the code ends without it, and no manifest gives it: `variables` of each environment",
            )
        else:
            unset.append(read.name)
    if unset:
        report.yours(
            "variables of the code",
            ", ".join(unset)[:400],
            f"{len(unset)} that the code would read, and no manifest gives: `variables` or `secrets`, where you need them",
        )
    if "SECRET_KEY" not in secrets:
        wishes.add("secrets", "SECRET_KEY", NewSecret(), "sessions")
        report.otherwise(
            "SECRET_KEY", "", "`secrets`: a NewSecret(), which the stack makes: sessions are signed with it"
        )


def flask_app(manifests: Manifests) -> tuple[str, str] | None:
    """Return where FLASK_APP is set, and to what."""
    return next(_flask_apps(manifests), None)


def _flask_apps(manifests: Manifests) -> Iterator[tuple[str, str]]:
    if found := manifests.path(".flaskenv"):
        yield from (
            (".flaskenv: FLASK_APP", value)
            for name, value in read_variables(read_text(*found)).items()
            if name == "FLASK_APP"
        )
    if manifests.docker and (value := manifests.docker.variables.get("FLASK_APP")):
        yield f"{manifests.docker.file}: FLASK_APP", value
    if manifests.copilot and isinstance(
        value := (manifests.copilot.service.data.get("variables") or {}).get("FLASK_APP"), str
    ):
        yield f"{manifests.copilot.service.file}: FLASK_APP", value
