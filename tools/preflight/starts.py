"""Find what an image starts by itself: the development server, a debugger, or a shell in between."""

import re
from collections.abc import Iterator

from infra.policy import development_servers, development_variables, swallows_sigterm
from tools.preflight.archive import Image

# These packages wait for a developer to connect, or show a visitor the source.
_DEBUGGERS = re.compile(
    r"/(?:site|dist)-packages/(debugpy|pydevd|ipdb|pudb|flask_debugtoolbar)/__init__\.py$"
)


def shell_form(image: Image) -> Iterator[tuple[str, str]]:
    """Find an ENTRYPOINT or CMD that goes through a shell."""
    for name in ("Entrypoint", "Cmd"):
        words = image.settings.get(name) or []
        if swallows_sigterm(words):
            found = f"{name.upper()} is in shell form ('{words[2]}')"
            yield (
                f"{found}: SIGTERM ends at the shell, so each deployment kills requests in flight",
                'write it as a list: CMD ["gunicorn", "--config", "python:service.gunicorn_conf"]',
            )


def development_server(image: Image) -> Iterator[tuple[str, str]]:
    """Find a command that starts Flask's development server."""
    fix = "start Gunicorn instead: gunicorn --config python:service.gunicorn_conf"
    for sentence in development_servers(image.command):
        yield f"it {sentence}, neither secure nor stable", fix


def debugging(image: Image) -> Iterator[tuple[str, str]]:
    """Find debug mode, or an installed debugger."""
    for name in development_variables(image.variables):
        yield f"it sets {name}, for development only", f"take {name} out of the Dockerfile"
    for path in image.files:
        if package := _DEBUGGERS.search(path):
            yield f"package {package[1]} is installed", f"take {package[1]} out of requirements.in"
