"""Names that texts may use though the kit's code has none of them, each with the reason."""

# Programs whose arguments are for them to check.
COMMANDS = frozenset(
    [
        ".",
        "aws",
        "cdk",
        "curl",
        "docker",
        "flask",
        "gh",
        "git",
        "gunicorn",
        "npx",
        "pip",
        "podman",
        "pytest",
        "uv",
        "uvx",
    ]
)

_BOOTSTRAP = "an option of `cdk bootstrap`"
_ROLE = "a role, named after what it may do and the environment"
_COOKIE = "an attribute of a cookie"
_EXAMPLE = "an example that says so itself"
_FOREIGN = "a file of a repository that is adopted"
_LOCK = "a lock that a team brings"
_TUTORIAL = "the app of Flask's own tutorial"

NAMES = {
    "service/app/static": "of the sample app; a team's app need not have it",
    "uv.lock": _LOCK,
    "poetry.lock": _LOCK,
    "Pipfile.lock": _LOCK,
    "migrations/": "a folder of a team's app, which Flask-Migrate makes",
    "libmagic1": "a Debian package, as an example",
    "NullPool": "a class of SQLAlchemy",
    "engine_options": "an argument of Flask-SQLAlchemy",
    "app_clone": "functions/rotate.py makes it of `app`",
    "--help": "argparse gives it to every command",
    "--debug": "an option of `flask run`",
    "--revert-drift": "an option of `cdk deploy`",
    "--custom-permissions-boundary NAME": _BOOTSTRAP,
    "--apply-permissions-boundary-to-all-roles": _BOOTSTRAP,
    "--cloudformation-execution-policies ARN": _BOOTSTRAP,
    "--qualifier NAME --toolkit-stack-name CDKToolkit-NAME": _BOOTSTRAP,
    "--trust ACCOUNT": _BOOTSTRAP,
    "--termination-protection": _BOOTSTRAP,
    "--bootstrap-kms-key-id ID": _BOOTSTRAP,
    "--no-public-access-block-configuration": _BOOTSTRAP,
    "PrepareDev": _ROLE,
    "PrepareStaging": _ROLE,
    "PrepareProd": _ROLE,
    "DeployDev": _ROLE,
    "DeployStaging": _ROLE,
    "DeployProd": _ROLE,
    "DriftDev": _ROLE,
    "DriftStaging": _ROLE,
    "DriftProd": _ROLE,
    "OWNER/REPOSITORY": _EXAMPLE,
    "/orders/<id>": _EXAMPLE,
    "/admin": _EXAMPLE,
    "/%61dmin": _EXAMPLE,
    "api_key=...": _EXAMPLE,
    "infra/recipes": "a team makes this folder for the recipes that it copies",
    "infra/recipes/": "a team makes this folder for the recipes that it copies",
    "ApplicationLoadBalancedFargateService": "a class of aws_cdk that the features are compared with",
    "ecs_patterns": "a module of aws_cdk that the features are compared with",
    "CloudFormationValidatePlugin": "a class of aws_cdk for rules of a team's own",
    "CODEOWNERS": "a file of GitHub's",
    "False": "a word of Python",
    "Secure": _COOKIE,
    "HttpOnly": _COOKIE,
    "SameSite=Lax": _COOKIE,
    "flaskr": _TUTORIAL,
    "instance_path": "an argument of Flask",
    "max_overflow": "an argument of SQLAlchemy's",
    "spectree": "a package of the sample app",
    "QUEUE_URL": "a variable of README's example",
    "service/src/shop/mail.py": "docs/workers.md has it written",
    "service/src/shop/nightly.py": "docs/workers.md has it written",
    "predefined_queues": "an option of Celery's",
    "broker_transport_options": "a setting of Celery's",
    "redis": "a package from PyPI",
    "traceparent": "a header of W3C's Trace Context",
    "OTEL_EXPORTER_OTLP_ENDPOINT": "a variable of OpenTelemetry's",
    "bucket.grant_read": "a method of any bucket of aws_cdk",
    "app.json": _FOREIGN,
    "apprunner.yaml": _FOREIGN,
    "env.yaml": _FOREIGN,
    ".adopted.json": "`make adopt` writes it into a team's project",
}
