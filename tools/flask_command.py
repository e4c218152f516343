"""Run a command of the app, such as `flask db migrate`, with the variables that its task has in AWS."""

import argparse
import os
import sys

from tools import app_environment
from tools.assembly import templates, variables, web_container
from tools.environments import UnknownEnvironmentError, find
from tools.local_cloud import cache, database
from tools.local_cloud.state import State


def main() -> None:
    """Replace this process with `flask`; exit with 1 and one line if it cannot start."""
    parser = argparse.ArgumentParser(prog="make flask", description=__doc__)
    parser.add_argument("environment", help="environment whose task definition to follow, such as dev")
    parser.add_argument("words", nargs="*", help="what follows `flask`, such as: db migrate -m 'first'")
    arguments = parser.parse_args()
    try:
        environment = find(arguments.environment)
    except UnknownEnvironmentError as error:
        sys.exit(f"make flask: {error}")
    settings = variables(web_container(templates()[environment.name]))
    ours = app_environment.variables(app_environment.ROOT)
    os.chdir(app_environment.working_directory(app_environment.ROOT))
    # What the person's shell sets goes first here: a secret's value is known only there.
    given = {name: os.environ.get(name, value) for name, value in settings.items()}
    if "DATABASE_URL" not in os.environ:
        given |= database.variables(State(app_environment.FOLDER.parent))
    if "CACHE_URL" not in os.environ:
        given |= cache.variables(State(app_environment.FOLDER.parent))
    os.environ["PATH"] = ours["PATH"]
    os.execvpe("flask", ["flask", *arguments.words], {**os.environ, **ours, **given})  # noqa: S606, S607 (the app's own command)


if __name__ == "__main__":
    main()
