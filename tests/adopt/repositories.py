"""Repositories as people have them, each a few files, and the app that Gunicorn would find in it."""

from typing import NamedTuple

APP = """
import os
from flask import Flask
app = Flask(__name__)
@app.get("/")
def page():
    return "a page of " + __name__
"""
FACTORY = """
from flask import Flask
def create_app(config="default"):
    app = Flask(__name__)
    app.config["CHOSEN"] = config
    @app.get("/")
    def page():
        return f"made with {config}"
    return app
"""
REQUIRED = FACTORY.replace('config="default"', "config")


class Repository(NamedTuple):
    """The files of a repository, the app in it, and what its first page says."""

    files: dict[str, str]
    app: str
    page: str


REPOSITORIES = {
    "one file": Repository({"app.py": APP}, "app:app", "a page of app"),
    "one file of another name": Repository({"shop.py": APP}, "shop:app", "a page of shop"),
    "application, as Beanstalk wants it": Repository(
        {"application.py": APP.replace("app = ", "application = ").replace("@app", "@application")},
        "application:application",
        "a page of application",
    ),
    "a factory in a package called app": Repository(
        {"app/__init__.py": FACTORY}, "app:create_app()", "made with default"
    ),
    "a factory and wsgi.py": Repository(
        {"shop/__init__.py": FACTORY, "wsgi.py": "from shop import create_app\napp = create_app('prod')\n"},
        "wsgi:app",
        "made with prod",
    ),
    "a factory that needs an argument, in a Procfile": Repository(
        {"shop/__init__.py": REQUIRED, "Procfile": "web: gunicorn \"shop:create_app('prod')\"\n"},
        "shop:create_app('prod')",
        "made with prod",
    ),
    "a src layout": Repository(
        {
            "src/shop/__init__.py": FACTORY,
            "pyproject.toml": "[project]\nname = 'shop'\ndependencies = ['flask']\n",
        },
        "shop:create_app()",
        "made with default",
    ),
    "an app in a module of a package": Repository(
        {"shop/__init__.py": "", "shop/web/__init__.py": "", "shop/web/main.py": APP},
        "shop.web.main:app",
        "a page of shop.web.main",
    ),
    "a package that exports one of two apps": Repository(
        {
            "shop/__init__.py": "from .core import *\n",
            "shop/core.py": APP,
            "shop/filters.py": APP,
        },
        "shop:app",
        "a page of shop.core",
    ),
    "a package that imports its app": Repository(
        {
            "shop/__init__.py": "from .core import app\n",
            "shop/core.py": APP,
            "Procfile": "web: gunicorn shop:app\n",
        },
        "shop:app",
        "a page of shop.core",
    ),
    "FLASK_APP in .flaskenv": Repository(
        {"one.py": APP, "two.py": APP, ".flaskenv": "FLASK_APP=two.py\n"}, "two:app", "a page of two"
    ),
    "a Dockerfile with brackets": Repository(
        {
            "one.py": APP,
            "two.py": APP,
            "Dockerfile": 'FROM python:3.12\nCMD ["gunicorn", "-b", ":8000", "two:app"]\n',
        },
        "two:app",
        "a page of two",
    ),
    "a Dockerfile with a script": Repository(
        {
            "one.py": APP,
            "two.py": APP,
            "Dockerfile": 'FROM python:3.12\nENTRYPOINT ["./start.sh"]\n',
            "start.sh": "#!/bin/sh\nset -e\nflask db upgrade\nexec gunicorn \\\n  --bind 0.0.0.0:$PORT "
            "two:app\n",
        },
        "two:app",
        "a page of two",
    ),
    "a script that the manage.py of old has": Repository(
        {
            "shop/__init__.py": FACTORY,
            "manage.py": "from shop import create_app\napp = create_app()\nif __name__ == '__main__':\n    "
            "app.run()\n",
        },
        "manage:app",
        "made with default",
    ),
    "a subclass of Flask": Repository(
        {
            "shop.py": "from flask import Flask\nclass Shop(Flask):\n    pass\napp = "
            "Shop(__name__)\napp.add_url_rule('/', 'page', lambda: 'a subclass')\n"
        },
        "shop:app",
        "a subclass",
    ),
    "a factory with a name of its own": Repository(
        {"shop.py": FACTORY.replace("create_app", "build_shop")}, "shop:build_shop()", "made with default"
    ),
    "two that make the same app": Repository(
        {
            "shop/__init__.py": FACTORY,
            "jobs.py": "from shop import create_app\napp = create_app()\n",
            "wsgi.py": "from shop import create_app\napp = create_app()\n",
        },
        "wsgi:app",
        "made with default",
    ),
    "scripts that make the same app": Repository(
        {
            "shop/__init__.py": FACTORY,
            "jobs.py": "from shop import create_app\napp = create_app()\nprint('works')\n",
            "mail.py": "from shop import create_app\napp = create_app()\n",
        },
        "shop:create_app()",
        "made with default",
    ),
    "the only app of a repository of several": Repository(
        {"backend/shop.py": APP, "backend/requirements.txt": "flask\n", "frontend/package.json": "{}"},
        "shop:app",
        "a page of shop",
    ),
    "uv run in a Procfile": Repository(
        {
            "one.py": APP,
            "two.py": APP,
            "Procfile": "web: PORT=80 uv run gunicorn --workers=2 two:app --log-file -\n",
        },
        "two:app",
        "a page of two",
    ),
    "python -m flask run": Repository(
        {"one.py": APP, "two.py": APP, "Procfile": "web: python -m flask --app two run\n"},
        "two:app",
        "a page of two",
    ),
    "App Runner": Repository(
        {
            "one.py": APP,
            "two.py": APP,
            "apprunner.yaml": "version: 1.0\nruntime: python3\nrun:\n  command: python two.py\n",
        },
        "two:app",
        "a page of two",
    ),
    "Beanstalk's WSGIPath": Repository(
        {
            "one.py": APP,
            "two.py": APP,
            ".ebextensions/a.config": "option_settings:\n  aws:elasticbeanstalk:container:python:\n    "
            "WSGIPath: two:app\n",
        },
        "two:app",
        "a page of two",
    ),
    "Copilot's command": Repository(
        {
            "one.py": APP,
            "two.py": APP,
            "copilot/web/manifest.yml": "name: web\ntype: Load Balanced Web Service\ncommand: gunicorn "
            "two:app\n",
        },
        "two:app",
        "a page of two",
    ),
    "compose": Repository(
        {
            "one.py": APP,
            "two.py": APP,
            "docker-compose.yml": "services:\n  web:\n    build: .\n    command: gunicorn two:app\n  db:\n "
            "   image: postgres:17\n",
        },
        "two:app",
        "a page of two",
    ),
    "gunicorn.conf.py has wsgi_app": Repository(
        {
            "one.py": APP,
            "two.py": APP,
            "gunicorn.conf.py": "wsgi_app = 'two:app'\nworkers = 2\n",
            "Procfile": "web: gunicorn\n",
        },
        "two:app",
        "a page of two",
    ),
}
