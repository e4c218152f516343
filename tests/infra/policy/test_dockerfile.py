"""Test that the command an image would start is read from its Dockerfile and the files it copies."""

import re
from pathlib import Path

import pytest

from infra.policy.development_server import dockerfile_findings
from infra.policy.dockerfile import read_dockerfile
from infra.stack import SERVICE

SERVES = "from flask import Flask\n\nweb = Flask(__name__)\n\nif __name__ == '__main__':\n    web.run()\n"


@pytest.fixture
def found(tmp_path: Path) -> "Found":
    """Return a function that reports the findings in a Dockerfile with the given files beside it."""
    return Found(tmp_path)


class Found:
    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __call__(self, dockerfile: str, *, target: str | None = None, **files: str) -> list[tuple[str, str]]:
        for name, text in files.items():
            path = self.folder / name.replace("__", "/").replace("_py", ".py").replace("_sh", ".sh")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        (self.folder / "Dockerfile").write_text(dockerfile)
        return list(dockerfile_findings(self.folder / "Dockerfile", target=target))


OURS = [SERVICE / "Dockerfile", *SERVICE.parent.glob("infra/task/proxies/*/Dockerfile")]
each_of_ours = pytest.mark.parametrize("dockerfile", OURS, ids=lambda path: path.parent.name)


@each_of_ours
def test_our_own_are_sound(dockerfile: Path) -> None:
    assert list(dockerfile_findings(dockerfile)) == []


# tests/image builds one of such a clone.
@each_of_ours
def test_our_own_let_their_user_read_what_a_clone_under_umask_077_copies(dockerfile: Path) -> None:
    instructions = re.split(r"(?m)^(?=[A-Z]+ )", dockerfile.read_text())
    (copies,) = (place for place, text in enumerate(instructions) if text.startswith("COPY . /app/"))
    assert "chmod -R u=rwX,go=rX /app " in "".join(instructions[copies:])


def test_our_own_is_read_as_docker_reads_it() -> None:
    image = read_dockerfile(SERVICE / "Dockerfile")
    assert image.command == ("gunicorn", "--config", "python:service.gunicorn_conf")
    assert (image.entry_point, image.user, str(image.folder)) == ((), "10001:10001", "/app/service/src")
    assert image.variables["PATH"] == "/venv/bin:"
    assert image.variables["LOG_FORMAT"] == "json"
    # This file comes into the image through the stage that builds it.
    assert image.read("/app/service/server/worker.py") == (SERVICE / "server" / "worker.py").read_text()
    assert image.read("/app/service/nothing.py") is None


@pytest.mark.parametrize(
    "last",
    [
        'CMD ["flask", "run", "--host=0.0.0.0"]',
        'CMD ["python", "-m", "flask", "--app", "web", "run"]',
        'ENTRYPOINT ["flask", "--app", "web"]\nCMD ["run"]',
        "CMD exec flask run",
        'CMD ["gunicorn", "--reload", "web:app"]',
        'CMD ["flask", "--debug", "routes"]',
        'ENV FLASK_DEBUG=1\nCMD ["gunicorn", "web:app"]',
        'ENV FLASK_DEBUG 1\nCMD ["gunicorn", "web:app"]',
        'ENV GUNICORN_CMD_ARGS="--workers 2 --reload"\nCMD ["gunicorn", "web:app"]',
        'CMD ["python", "-c", "from web import app; app.run()"]',
        'ARG MODE=run\nENTRYPOINT ["flask"]\nCMD ["run"]',
    ],
)
def test_the_development_server_is_found(found: Found, last: str) -> None:
    ((rule, sentence),) = found(f"FROM python:3.13-slim\n{last}\n")
    assert rule == "dev-server"
    assert sentence.endswith(("use Gunicorn", "remove it"))


@pytest.mark.parametrize(
    "last",
    [
        'CMD ["gunicorn", "web:app"]',
        "CMD exec gunicorn web:app",
        'CMD ["flask", "db", "upgrade"]',
        'CMD ["flask", "--app", "web", "run-jobs"]',
        "",
        'HEALTHCHECK CMD flask run\nCMD ["gunicorn", "web:app"]',
        '# CMD ["flask", "run"]\nCMD ["gunicorn", "web:app"]',
        'CMD ["flask", "run"]\nCMD ["gunicorn", "web:app"]',
        'RUN <<END\nCMD flask run\nEND\nCMD ["gunicorn", "web:app"]',
        'CMD ["statsd", "--debug"]',
    ],
)
def test_anything_else_is_none_of_its_business(found: Found, last: str) -> None:
    assert found(f"FROM python:3.13-slim\n{last}\n") == []


@pytest.mark.parametrize(
    ("copy", "command"),
    [
        ("COPY . .", '["python", "web.py"]'),
        ("COPY . /app/", '["python", "/app/web.py"]'),
        ("COPY web.py ./", '["python3", "web.py"]'),
        ("COPY web.py main.py", '["python", "main.py"]'),
        ('COPY --chown=1:1 ["web.py", "/app/"]', '["python", "-u", "web.py"]'),
        ("COPY . .", '["python", "-m", "web"]'),
        ("ADD . .", '["/usr/local/bin/python", "web.py"]'),
        ("COPY . .", "exec python web.py"),
    ],
)
def test_a_python_file_that_starts_it_is_found(found: Found, copy: str, command: str) -> None:
    dockerfile = f"FROM python:3.13-slim\nWORKDIR /app\n{copy}\nCMD {command}\n"
    ((rule, sentence),) = found(dockerfile, web_py=SERVES)
    assert rule == "dev-server"
    assert "line 6 of " in sentence
    assert "starts the development server" in sentence


def test_it_is_found_behind_a_script(found: Found) -> None:
    dockerfile = 'FROM python\nWORKDIR /app\nCOPY . .\nENTRYPOINT ["./start.sh"]\nCMD ["serve"]\n'
    ((_, sentence),) = found(dockerfile, start_sh="#!/bin/sh\n# flask run\nexec flask run\n")
    assert "line 3 of ./start.sh runs the development server ('exec flask run')" in sentence
    ((_, sentence),) = found(dockerfile, start_sh="#!/bin/sh\npython web.py\n", web_py=SERVES)
    assert "line 2 of ./start.sh runs 'python web.py', and line 6 of web.py starts" in sentence


@pytest.mark.parametrize(
    "source",
    [
        "import subprocess\nsubprocess.run(['true'])\n",
        "import asyncio\nasyncio.run(main())\n",
        "def run(): ...\n\nrun()\n",
        "this is no Python",
    ],
)
def test_other_python_files_may_run(found: Found, source: str) -> None:
    assert found('FROM python\nCOPY . .\nCMD ["python", "web.py"]\n', web_py=source) == []


@pytest.mark.parametrize(
    "source",
    [
        "from web import app\napp.run(debug=True)\n",
        "from web import create_app\ncreate_app().run()\n",
        "import web\nserver = web.create_app('prod')\nserver.run(host='0.0.0.0')\n",
        "from werkzeug.serving import run_simple\nrun_simple('', 80, app)\n",
        "import werkzeug.serving as s\ns.run_simple('', 80, app)\n",
    ],
)
def test_it_is_found_however_it_is_called(found: Found, source: str) -> None:
    assert found('FROM python\nCOPY . .\nCMD ["python", "web.py"]\n', web_py=source) != []


STAGES = """
ARG PYTHON=3.13
FROM python:${PYTHON} AS Base
WORKDIR /app
COPY . .
CMD ["flask", "run"]

FROM base AS dev
ENV FLASK_DEBUG=1

FROM base AS prod
ENTRYPOINT ["gunicorn"]

FROM prod
CMD ["web:app"]
"""


@pytest.mark.parametrize(
    ("target", "faults"), [(None, 0), ("prod", 0), ("base", 1), ("DEV", 2), ("2", 0), ("1", 2)]
)
def test_only_the_stage_that_is_built_counts(found: Found, target: str | None, faults: int) -> None:
    assert len(found(STAGES, target=target)) == faults


def test_a_stage_that_is_not_there_is_told(found: Found) -> None:
    with pytest.raises(ValueError, match="has no stage 'nowhere'"):
        found(STAGES, target="nowhere")


@pytest.mark.parametrize(
    "last", ["CMD gunicorn web:app", "ENTRYPOINT gunicorn web:app", 'CMD ["sh", "-c", "gunicorn web:app"]']
)
def test_a_shell_between_ecs_and_the_server_is_found(found: Found, last: str) -> None:
    ((rule, sentence),) = found(f"FROM python\n{last}\n")
    assert rule == "shell-form"
    assert "starts 'gunicorn web:app' through a shell: the shell gets SIGTERM" in sentence
    assert "put `exec` before the command" in sentence
