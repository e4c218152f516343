"""Test what becomes of Procfile, gunicorn.conf.py, App Runner, app.json, Beanstalk, compose, Dockerfile."""

import json
import runpy
from pathlib import Path
from typing import Any

import pytest
from gunicorn.config import KNOWN_SETTINGS

from infra.parameters import Environment, SecureParameter
from tests.adopt.conftest import Write
from tests.adopt.repositories import APP
from tests.adopt.test_adopt import said
from tools.adopt.__main__ import adopt
from tools.adopt.apprunner import APP_RUNNER_RULES
from tools.adopt.beanstalk import FILE_RULES, OPTION_RULES
from tools.adopt.commands import read_command
from tools.adopt.compose import COMPOSE_RULES
from tools.adopt.errors import AdoptError
from tools.adopt.gunicorn_config import GUNICORN_RULES, HOOKS
from tools.adopt.heroku import APP_JSON_RULES, PROCFILE_RULES
from tools.adopt.report import Report

TABLES = (
    APP_RUNNER_RULES,
    FILE_RULES,
    OPTION_RULES,
    COMPOSE_RULES,
    GUNICORN_RULES,
    APP_JSON_RULES,
    PROCFILE_RULES,
)


def prod(project: Path) -> Environment:
    found = runpy.run_path(str(project / "infra" / "environments.py"))["ENVIRONMENTS"][-1]
    assert isinstance(found, Environment)
    return found


def adopted(project: Path, repository: Write, **files: str) -> tuple[Environment, Report]:
    named = {name.replace("__", "/").replace("_dot_", "."): text for name, text in files.items()}
    report = adopt(project, str(repository({"app.py": APP, **named})))
    return prod(project), report


def test_every_setting_of_gunicorn_has_a_rule_or_is_a_hook() -> None:
    """Gunicorn itself is the judge: its list of settings, of the version that the kit pins."""
    known = {setting.name for setting in KNOWN_SETTINGS}
    ruled = {rule.field for rule in GUNICORN_RULES}
    assert known - ruled - {*HOOKS} == set()
    # Of a command line, and of a Gunicorn before.
    assert ruled - known == {"log_syslog", "no_sendfile"}


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table[0].field)
def test_every_rule_is_there_once_and_says_something(table: Any) -> None:
    assert len({rule.field for rule in table}) == len(table)
    assert [rule.field for rule in table if len(rule.here) < 8] == []


# --- Gunicorn -------------------------------------------------------------------------------------

CONFIG = """
import multiprocessing, os
bind = "0.0.0.0:8000"
workers = {workers}
worker_class = "{kind}"
threads = 4
timeout = {timeout}
preload_app = True
max_requests = 1000
max_requests_jitter = 50
loglevel = os.environ.get("LOG_LEVEL", "warning")
helper = 1

def post_fork(server, worker):
    pass

def helper_function():
    pass
"""


def test_a_configuration_of_gunicorn_is_taken_over_setting_by_setting(
    project: Path, repository: Write
) -> None:
    text = CONFIG.format(workers=2, kind="gthread", timeout=60)
    environment, report = adopted(project, repository, gunicorn_dot_conf_dot_py=text)
    assert (environment.tasks.workers, environment.tasks.threads, environment.longest_request_s) == (2, 4, 60)
    assert environment.variables == {"LOG_LEVEL": "warning"}
    otherwise, left = said(report, "set otherwise"), said(report, "left to you")
    for name in ("bind", "preload_app", "max_requests", "max_requests_jitter"):
        assert f"gunicorn.conf.py: {name} |" in otherwise
    assert "gunicorn.conf.py:14 | post_fork()" in left
    assert "helper" not in otherwise + left


@pytest.mark.parametrize(
    ("kind", "verdict", "words"),
    [
        ("sync", "set otherwise", "ignores keep-alive"),
        ("gevent", "set otherwise", "without monkey patching"),
        ("uvicorn.workers.UvicornWorker", "left to you", "ASGI"),
    ],
)
def test_another_worker_is_said_with_its_reason(
    kind: str, verdict: str, words: str, project: Path, repository: Write
) -> None:
    _, report = adopted(
        project, repository, gunicorn_dot_conf_dot_py=CONFIG.format(workers=2, kind=kind, timeout=30)
    )
    assert words in said(report, verdict)


@pytest.mark.parametrize(("timeout", "longest"), [(600, 120), (1, 5), (0, 30)])
def test_a_timeout_beyond_fargates_is_the_nearest(
    timeout: int, longest: int, project: Path, repository: Write
) -> None:
    environment, report = adopted(project, repository, gunicorn_dot_conf_dot_py=f"timeout = {timeout}\n")
    assert environment.longest_request_s == longest
    assert "gunicorn.conf.py: timeout" in said(report, "set otherwise")


def test_workers_that_are_computed_follow_from_the_cpu(project: Path, repository: Write) -> None:
    environment, report = adopted(
        project, repository, gunicorn_dot_conf_dot_py="import os\nworkers = os.cpu_count() * 2 + 1\n"
    )
    assert environment.tasks.workers is None
    assert "os.cpu_count() * 2 + 1" in said(report, "set otherwise")


def test_workers_that_do_not_fit_get_the_next_size(project: Path, repository: Write) -> None:
    environment, report = adopted(
        project, repository, Procfile="web: gunicorn --workers 8 --threads 8 app:app\n"
    )
    assert (environment.tasks.workers, environment.tasks.memory_mib) == (8, 2048)
    assert "the next size of Fargate" in said(report, "set otherwise")


@pytest.mark.parametrize(
    ("given", "server", "target", "options", "before"),
    [
        ("gunicorn wsgi:app", "gunicorn", "wsgi:app", {}, ()),
        (
            ["gunicorn", "-w", "4", "-k", "gevent", "wsgi:app"],
            "gunicorn",
            "wsgi:app",
            {"workers": "4", "worker_class": "gevent"},
            (),
        ),
        (
            "exec gunicorn -w4 --threads=2 -b :$PORT --preload wsgi",
            "gunicorn",
            "wsgi",
            {"workers": "4", "threads": "2", "bind": ":$PORT", "preload_app": "True"},
            (),
        ),
        (
            ["sh", "-c", "flask db upgrade && gunicorn wsgi:app"],
            "gunicorn",
            "wsgi:app",
            {},
            ("flask db upgrade",),
        ),
        (
            "gunicorn --workers ${WORKERS:-3} 'shop:create_app()' \"$@\"",
            "gunicorn",
            "shop:create_app()",
            {"workers": "3"},
            (),
        ),
        ("opentelemetry-instrument gunicorn wsgi:app", "gunicorn", "wsgi:app", {}, ()),
        (
            "newrelic-admin run-program gunicorn wsgi:app --log-file -",
            "gunicorn",
            "wsgi:app",
            {"errorlog": "-"},
            (),
        ),
        ("/opt/venv/bin/gunicorn wsgi:app", "gunicorn", "wsgi:app", {}, ()),
        ("poetry run python -m gunicorn wsgi:app", "gunicorn", "wsgi:app", {}, ()),
        ("flask --app shop run --host 0.0.0.0", "flask run", "shop", {}, ()),
        ("python3 run.py", "python", "run.py", {}, ()),
        ("waitress-serve --port=80 wsgi:app", "waitress-serve", "wsgi:app", {}, ()),
        ("celery -A jobs worker", "", "", {}, ("celery -A jobs worker",)),
    ],
)
def test_a_command_is_read_in_any_form(
    given: Any, server: str, target: str, options: dict[str, str], before: tuple[str, ...], tmp_path: Path
) -> None:
    command = read_command("Procfile: web", given, tmp_path)
    assert (command.server, command.target, command.options, command.before) == (
        server,
        target,
        options,
        before,
    )


# --- Procfile and app.json ------------------------------------------------------------------------


def test_a_procfile_is_taken_over(project: Path, repository: Write) -> None:
    text = "web: flask db upgrade; gunicorn -w 3 app:app\nworker: rq worker\nclock: python clock.py\n"
    environment, report = adopted(project, repository, Procfile=text)
    assert environment.release_command == ("flask", "db", "upgrade")
    assert environment.tasks.workers == 3
    left = said(report, "left to you")
    assert (
        "Procfile: worker | rq worker | a second service of the same image (docs/workers.md): "
        "`workers=(Worker(name='worker', command=('rq', 'worker')),)`" in left
    )
    assert "`workers=(Worker(name='clock', command=('python', 'clock.py'), min=1, max=1),)`" in left
    assert "no shell starts the server" in said(report, "set otherwise")


@pytest.mark.parametrize("command", ["flask run", "python app.py"])
def test_a_development_server_is_said(command: str, project: Path, repository: Write) -> None:
    _, report = adopted(project, repository, Procfile=f"web: {command}\n", _dot_flaskenv="FLASK_APP=app.py\n")
    assert f"{command} | Gunicorn serves" in said(report, "set otherwise")


def test_an_app_json_is_taken_over(project: Path, repository: Write) -> None:
    data = {
        "name": "Shop",
        "env": {
            "COLOUR": "red",
            "SIZE": {"value": "2"},
            "SESSION_SECRET_KEY": {"generator": "secret"},
            "STRIPE": {"description": "key"},
            "WEB_CONCURRENCY": "3",
        },
        "formation": {"web": {"quantity": 3, "size": "standard-2x"}, "worker": {"quantity": 1}},
        "scripts": {"postdeploy": "flask seed"},
        "addons": ["heroku-postgresql", {"plan": "heroku-redis:mini"}, "someone-elses:large"],
        "buildpacks": [{"url": "heroku/python"}],
    }
    environment, report = adopted(project, repository, app_dot_json=json.dumps(data))
    assert environment.variables == {"COLOUR": "red", "SIZE": "2"}
    assert "SESSION_SECRET_KEY" in environment.secrets
    assert (environment.tasks.min, environment.tasks.workers) == (3, 3)
    left = said(report, "left to you")
    for words in ("env.STRIPE", 'COMMAND="flask seed"', "buildpacks", "formation.worker"):
        assert words in left
    for plan, here in (
        ("heroku-postgresql", "`database=Postgres()`"),
        ("heroku-redis:mini", "`cache=Valkey()`"),
        ("someone-elses:large", "a service elsewhere"),
    ):
        assert f"addons | {plan} | {here}" in left


def test_an_app_json_of_something_else_is_passed_by(project: Path, repository: Write) -> None:
    _, report = adopted(project, repository, app_dot_json='{"expo": {"name": "shop"}}')
    assert "app.json" not in str(report.rows)


def test_an_app_json_that_is_none_ends_with_a_sentence(project: Path, repository: Write) -> None:
    with pytest.raises(AdoptError, match=r"app\.json is no JSON"):
        adopted(project, repository, app_dot_json="{")


# --- App Runner -----------------------------------------------------------------------------------

APP_RUNNER = """
version: 1.0
runtime: python311
build:
  commands:
    build: [pip install -r requirements.txt]
run:
  runtime-version: 3.11.4
  pre-run: [flask db upgrade]
  command: gunicorn --workers 2 --threads 6 app:app
  network: {port: 8000, env: PORT}
  env:
    - {name: COLOUR, value: red}
    - {name: DB_PASSWORD, value: hunter2}
  secrets:
    - {name: TOKEN, value-from: "arn:aws:ssm:eu-west-1:123456789012:parameter/shop/token"}
    - {name: KEY, value-from: "arn:aws:secretsmanager:eu-west-1:123456789012:secret:shop-a1B2c3:key::"}
"""


def test_an_apprunner_yaml_is_taken_over(project: Path, repository: Write) -> None:
    environment, report = adopted(project, repository, apprunner_dot_yaml=APP_RUNNER)
    assert environment.variables == {"COLOUR": "red"}
    assert environment.secrets["TOKEN"] == SecureParameter(name="/shop/token")
    assert environment.secrets["KEY"].json_key == "key"  # type: ignore[union-attr]
    assert (environment.tasks.workers, environment.tasks.threads) == (2, 6)
    assert environment.release_command == ("flask", "db", "upgrade")
    assert "hunter2" not in str(report.rows) + (project / "infra" / "environments.py").read_text()
    assert "build.commands" in said(report, "left to you")


# --- Beanstalk ------------------------------------------------------------------------------------

BEANSTALK = """
option_settings:
  aws:elasticbeanstalk:application:environment:
    COLOUR: red
    PYTHONPATH: /var/app
  aws:elasticbeanstalk:container:python:
    WSGIPath: app:app
    NumProcesses: 3
    NumThreads: 10
  aws:autoscaling:asg: {MinSize: 2, MaxSize: 6}
  aws:autoscaling:launchconfiguration: {InstanceType: t3.small}
  aws:elasticbeanstalk:environment:process:default: {HealthCheckPath: /health, StickinessEnabled: true}
  aws:elasticbeanstalk:cloudwatch:logs: {StreamLogs: true, RetentionInDays: 10}
  aws:elasticbeanstalk:command: {DeploymentPolicy: Rolling}
packages:
  yum: {postgresql-devel: []}
container_commands:
  01_migrate: {command: "flask db upgrade", leader_only: true}
  02_seed: {command: "flask seed"}
files:
  /etc/x: {content: "a"}
Resources:
  Queue: {Type: "AWS::SQS::Queue", Properties: {QueueName: !Ref Name}}
"""


def test_an_ebextension_is_taken_over(project: Path, repository: Write) -> None:
    environment, report = adopted(project, repository, _dot_ebextensions__app_dot_config=BEANSTALK)
    assert environment.variables == {"COLOUR": "red"}
    assert (environment.tasks.min, environment.tasks.max) == (2, 6)
    assert (environment.tasks.workers, environment.tasks.threads) == (3, 10)
    assert environment.health_check.path == "/health"
    assert (environment.routing.sticky_s, environment.log_days) == (86400, 14)
    assert environment.release_command == ("flask", "db", "upgrade")
    left = said(report, "left to you")
    for words in ("packages", "files", "Resources", "flask seed", "InstanceType"):
        assert words in left


def test_option_settings_as_a_list_are_the_same(project: Path, repository: Write) -> None:
    text = (
        "option_settings:\n  - {namespace: 'aws:autoscaling:asg', option_name: MaxSize, value: 5}\n  - "
        "{option_name: COLOUR, value: red}\n"
    )
    environment, _ = adopted(project, repository, _dot_ebextensions__a_dot_config=text)
    assert (environment.tasks.max, environment.variables) == (5, {"COLOUR": "red"})


# --- compose and Dockerfile -----------------------------------------------------------------------


def test_values_of_a_compose_file_stay_on_the_laptop(project: Path, repository: Write) -> None:
    text = (
        "services:\n  web:\n    build: .\n    command: gunicorn app:app\n    environment: "
        "[DATABASE_URL=postgres://a:hunter2@db/a]\n  db: {image: 'postgres:17'}\n  jobs: {build: ., "
        "command: celery worker}\n  mail: {image: mailhog/mailhog}\n"
    )
    environment, report = adopted(project, repository, compose_dot_yaml=text)
    assert environment.variables == {}
    assert "hunter2" not in str(report.rows)
    left = said(report, "left to you")
    assert "compose.yaml: web: environment | DATABASE_URL" in left
    assert "compose.yaml: db | postgres:17 | `database=Postgres()`" in left
    assert "compose.yaml: jobs | build | a second service" in left


def test_a_dockerfile_is_read_stage_by_stage(project: Path, repository: Write) -> None:
    text = """FROM node:22 AS assets
RUN npm ci && npm run build
FROM python:3.12-slim AS base
ENV COLOUR=red PYTHONUNBUFFERED=1
RUN <<EOF
echo hello
EOF
FROM base
ENV SIZE 2
COPY . /app
EXPOSE 8000
USER web
VOLUME /data
HEALTHCHECK CMD curl localhost
CMD gunicorn app:app
"""
    environment, report = adopted(project, repository, Dockerfile=text)
    assert environment.variables == {"COLOUR": "red", "SIZE": "2"}
    otherwise, left = said(report, "set otherwise"), said(report, "left to you")
    for word in ("EXPOSE", "USER", "HEALTHCHECK", "PYTHONUNBUFFERED"):
        assert word in otherwise
    for word in ("npm run build", "VOLUME"):
        assert word in left


def test_variables_that_a_start_script_alone_reads_are_told(project: Path, repository: Write) -> None:
    docker = 'FROM python:3.12\nENV TITLE=Shop PORT=80\nENTRYPOINT ["./start.sh"]\n'
    script = "cat <<EOF > /etc/shop.cfg\nTITLE = '$TITLE'\nEOF\nexec gunicorn -b :$PORT app:app\n"
    environment, report = adopted(project, repository, Dockerfile=docker, start_dot_sh=script)
    assert environment.variables == {}
    assert "Dockerfile: ENV | TITLE | the start script reads them" in said(report, "left to you")
