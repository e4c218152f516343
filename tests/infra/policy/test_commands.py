"""Test which commands, scripts and Python files are taken for the development server."""

from collections.abc import Mapping

import pytest

from infra.policy.commands import development_servers, development_variables

MAIN = "if __name__ == '__main__':\n    "


def found(command: str | list[str], files: Mapping[str, str]) -> list[str]:
    words = command.split() if isinstance(command, str) else command
    return list(development_servers(words, files.get))


@pytest.mark.parametrize(
    "command",
    [
        "flask run",
        "flask --app web run --debug",
        "flask -A web -e .env run",
        "python -u -W ignore -m flask --app=web run",
        "/venv/bin/flask run",
        "quart run",
        "python3.13 -m werkzeug.serving web:app",
        "tini -- flask run",
        "uv run flask run",
        "poetry run python -m flask run",
        "env FLASK_APP=web flask run",
        "wait-for-it db:5432 -- flask run",
        "python -Om flask run",
        "python -mflask run",
        ["su", "app", "-c", "flask run"],
        "gunicorn --reload web:app",
        "python -m gunicorn web:app --reload",
        ["sh", "-c", "cd /app && FLASK_APP=web exec flask run"],
        ["bash", "-euc", "if true; then (flask run) & fi; wait"],
        ["python", "-c", "from web import app; app.run()"],
        ["sh", "-c", "python -c 'import web; web.create_app().run()'"],
    ],
)
def test_a_command_that_serves_is_found(command: str | list[str]) -> None:
    assert len(found(command, {})) == 1


@pytest.mark.parametrize(
    "command",
    [
        "flask db upgrade",
        "flask jobs run",
        "flask --app run db upgrade",
        "flask routes",
        "pip install flask",
        "gunicorn run:app",
        "gunicorn flask.run:app",
        "echo flask run",
        "cat run.py",
        "celery -A web worker",
        "python -m http_check run",
        ["sh", "-c", "flask db upgrade && exec gunicorn web:app # not flask run"],
        ["python", "-c", "import subprocess; subprocess.run(['flask', 'db', 'upgrade'])"],
        ["sh", "-c", "echo 'it is"],
        [],
    ],
)
def test_a_command_that_does_not_serve_is_left_alone(command: str | list[str]) -> None:
    assert found(command, {}) == []


SOURCES = [
    "from flask import Flask\nserver = Flask(__name__)\nserver.run()",
    "from flask import Flask as F\nx: F = F('x')\nx.run(port=80)",
    "from flask import Flask\nFlask('x').run()",
    "import flask\nclass Web(flask.Flask): ...\nWeb('x').run()",
    "from flask import Flask\ndef main(web: Flask):\n    web.run()",
    "from flask import Flask\ndef build():\n    a = Flask('x')\n    return a\nbuild().run()",
    "from flask import Flask\na, b = Flask('x'), 1\na.run()",
    "from flask import Flask\nif (a := Flask('x')):\n    a.run()",
    "from flask import Flask\nclass S:\n    def __init__(s):\n        s.a = Flask('x')\n        s.a.run()",
    "import threading\nfrom flask import Flask\nw = Flask('x')\nthreading.Thread(target=w.run).start()",
    "from werkzeug.serving import run_simple as serve\nserve('', 80, None)",
    "import werkzeug\nwerkzeug.run_simple('', 80, None)",
    "from werkzeug.serving import make_server\nmake_server('', 80, None).serve_forever()",
    "from dash import Dash\nd = Dash(__name__)\nd.run()",
    "import dash\nd = dash.Dash(__name__)\nd.run_server(debug=False)",
    "from flask_socketio import SocketIO\ns = SocketIO(web)\ns.run(web, allow_unsafe_werkzeug=True)",
    "import os, flask_socketio as f\nf.SocketIO(a).run(a, allow_unsafe_werkzeug=os.getenv('X'))",
    "from elsewhere import socketio as s\ns.run(web, **{'allow_unsafe_werkzeug': True})",
    "from elsewhere import s\no = dict(allow_unsafe_werkzeug=True)\ns.run(web, **o)",
    "from flask import Flask\ngetattr(Flask('x'), 'run')()",
    "from flask import Flask\nw = Flask('x')\nFlask.run(w)",
    "from flask import Flask, current_app\ncurrent_app.run()",
    "from flask import Flask\nw = Flask('x') if 1 else None\nw.run()",
    "from flask import Flask\nw = None or Flask('x')\nw.run()",
    "from flask import Flask\nall = {}\nall['w'] = Flask('x')\nall['w'].run()",
    "from flask import Flask\ndef make() -> 'Flask': ...\nmake().run()",
    "from flask import Flask\ndef main(web: 'Flask'):\n    web.run()",
    "from flask.cli import run_command\nrun_command()",
    "from flask import Flask\nw = Flask('x')\nw.cli.main(['run'])",
    "from werkzeug.serving import ThreadedWSGIServer as S\nS('', 80, w).serve_forever()",
    "from wsgiref.simple_server import make_server\nmake_server('', 80, w).serve_forever()",
    "from dash import Dash\nd = Dash(__name__)\nd.server.run()",
    "from apiflask import APIFlask\napp = APIFlask(__name__)\napp.run()",
    "import connexion\napp = connexion.FlaskApp(__name__)\napp.run()",
    "from eve import Eve\napp = Eve()\napp.run()",
    "from pkg.web import *\nthing.run()",
    "import os\nos.system('flask run')",
    "import subprocess as s, sys\ns.check_call([sys.executable, '-m', 'flask', 'run'])",
    "import os\nos.execvp('flask', ['flask', 'run'])",
    "from elsewhere import app as web\nweb.run()",
    "from elsewhere import create_app as make\nmake('prod').run()",
    "import elsewhere\nelsewhere.app.run()",
    "from pkg.web import thing\nthing.run()",
    "from pkg import web\nweb.thing.run()",
    "import pkg.web\npkg.web.thing.run()",
    "from pkg.web import build_it\nbuild_it(1).run()",
    "from pkg import again\nagain.run()",
]
PACKAGE = {
    "pkg/__init__.py": "from pkg.web import thing as again",
    "pkg/web.py": "from flask import Flask\nthing = Flask('x')\ndef build_it(n):\n    return thing",
}


@pytest.mark.parametrize("source", SOURCES)
def test_a_python_file_that_serves_is_found_under_any_name(source: str) -> None:
    ((sentence),) = found("python serve.py", {"serve.py": source, **PACKAGE})
    assert "of serve.py starts the development server" in sentence


@pytest.mark.parametrize(
    "source",
    [
        "import asyncio\nasyncio.run(main())",
        "import subprocess\nsubprocess.run(['flask', 'db', 'upgrade'])",
        "import typer\napp = typer.Typer()\napp.run()",
        "from pkg.jobs import app\napp.run()",
        "from flask_socketio import SocketIO\ns = SocketIO(web, async_mode='gevent')\ns.run(web)",
        "from flask_socketio import SocketIO\ns = SocketIO(w)\ns.run(w, allow_unsafe_werkzeug=False)",
        "from redis import Manager\nm = Manager(app)\nm.run()",
        "from flask import Flask\nw = Flask('x')\nw.cli.main(['seed'])",
        "from flask import Flask\nw = Flask('x')\ngetattr(w, 'name')",
        "from gevent.pywsgi import WSGIServer\nWSGIServer(('', 80), w).serve_forever()",
        "from charts import Dashboard\nd = Dashboard()\nd.run()",
        "from flask import Flask\na = Flask('x')\na.run = None",
        "import waitress\nwaitress.serve(app)",
        "a = a\na.run()",
        "def app(): ...\napp.run()",
        "this is no Python",
        "x = " + "(" * 500,
    ],
)
def test_a_python_file_that_runs_something_else_is_left_alone(source: str) -> None:
    files = {"serve.py": source, "pkg/jobs.py": "from celery import Celery\napp = Celery()"}
    assert found("python serve.py", files) == []


SCRIPT = "from flask_script import Manager\nfrom web import app\nmanager = Manager(app)\n" + MAIN
GROUP = "from flask.cli import FlaskGroup\nfrom web import app\ncli = FlaskGroup(app)\n" + MAIN


@pytest.mark.parametrize(
    ("command", "source", "expected"),
    [
        ("python manage.py runserver", SCRIPT + "manager.run()", 1),
        ("python manage.py db upgrade", SCRIPT + "manager.run()", 0),
        ("./manage.py runserver -h 0.0.0.0", "#!/usr/bin/env python3\n" + SCRIPT + "manager.run()", 1),
        ("python manage.py run", GROUP + "cli()", 1),
        ("python manage.py run", GROUP + "cli.main()", 1),
        ("python manage.py seed", GROUP + "cli()", 0),
    ],
)
def test_a_command_line_of_the_apps_own_serves_when_it_is_told_to(
    command: str, source: str, expected: int
) -> None:
    assert len(found(command, {"manage.py": source, "./manage.py": source})) == expected


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("python web.py", 1),
        ("python -m web", 1),
        ("gunicorn web:app", 0),  # imported, its __main__ does not run
        ("gunicorn bare:app", 1),  # imported, and it serves at once
        ("gunicorn --bind 0.0.0.0:80 pkg.inner:app", 0),
        (["sh", "-c", "chmod +x web.py && gunicorn web:app"], 0),
        (["sh", "-c", "cat web.py | wc -l"], 0),
        ("gunicorn --certfile ./terms.pdf --chdir pkg/logo.png pkg.inner:app", 0),
        ("python /srv", 1),
        ("supervisord -n -c conf", 1),
        ("honcho start", 1),
        ("honcho -f Procfile.prod start", 0),
        ("./start web.py", 1),
        ("./start other.py", 0),
        (["sh", "./long"], 1),
        ("./again", 0),
    ],
)
def test_only_files_that_are_started_count(command: str | list[str], expected: int) -> None:
    serves = "from flask import Flask\napp = Flask('x')\n"
    files = {
        "web.py": serves + MAIN + "app.run()",
        "bare.py": serves + "try:\n    app.run()\nfinally: ...",
        "pkg/inner.py": serves + "def main():\n    app.run()",
        "/srv/__main__.py": serves + "app.run()",
        "conf": "[program:web]\ncommand = python web.py\n[program:x]\ncommand=true\n",
        "Procfile": "web: flask run\nworker: rq worker\n",
        "Procfile.prod": "web: gunicorn web:app\n",
        "./start": '#!/bin/sh\n# flask run\nexec python "$@"\n',
        "./long": "exec \\\n  flask --app web \\\n  run\n",
        "./again": "./again\n",
        "./terms.pdf": "%PDF-1.7\nflask run\n",
        "pkg/logo.png": "flask run",
    }
    assert len(found(command, files)) == expected


def test_the_line_of_a_script_is_told() -> None:
    (sentence,) = found("./start.sh", {"./start.sh": "#!/bin/sh\nset -e\nexec \\\n  flask run\n"})
    assert "line 3 of ./start.sh runs the development server ('exec flask run')" in sentence


@pytest.mark.parametrize(
    ("name", "value", "counts"),
    [
        ("FLASK_DEBUG", "1", True),
        ("FLASK_DEBUG", "true", True),
        ("FLASK_DEBUG", "0", False),
        ("FLASK_DEBUG", "False", False),
        ("FLASK_DEBUG", "", False),
        ("FLASK_ENV", "production", False),
        ("FLASK_ENV", "development", True),
        ("FLASK_RUN_PORT", "5000", False),
    ],
)
def test_a_variable_counts_by_its_value(name: str, value: str, counts: bool) -> None:
    assert list(development_variables({name: value})) == [name] * counts
