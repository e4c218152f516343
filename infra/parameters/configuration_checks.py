"""Refuse variables, secrets and release commands that cannot work; values are never shown."""

import re
from collections.abc import Iterator

from infra.parameters.fields import EnvironmentFields
from infra.parameters.secrets import SecretsManagerSecret, secret_example

# The variables that infra/task/variables.py sets; a test compares the two.
SET_BY_INFRA = re.compile(
    "ENVIRONMENT|VERSION|MAX_CONTENT_LENGTH_BYTES|HEALTH_PATH|HOST|PORT|PROXY_HOPS|LAME_DUCK_S|SHARED_FOLDER"
    "|TRACE_PERCENT|NOINDEX|GUNICORN_.+"
)
# https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-iam-roles.html and task-metadata-endpoint
SET_BY_ECS = re.compile("ECS_.+|AWS_(DEFAULT_)?REGION|AWS_CONTAINER_.+|AWS_EXECUTION_ENV")
# AWS SDKs prefer a user's credentials in variables to the task's role.
USER_CREDENTIALS = re.compile("AWS_(ACCESS_KEY_ID|SECRET_ACCESS_KEY|SESSION_TOKEN|PROFILE)")
_SECRET_NAME = re.compile(
    "(.+_)?(PASSWORD|PASSWD|PASSPHRASE|SECRET|TOKEN|CREDENTIALS?|(API|ACCESS|SECRET|PRIVATE|SIGNING)_?KEY)"
)
_URL_WITH_PASSWORD = re.compile(r"\w://[^/\s:@]*:[^/\s@]+@")


def configuration_problems(environment: EnvironmentFields) -> Iterator[str]:
    """Yield what is wrong with variables, secrets and the release command, without their values."""
    for name in sorted({*environment.variables} & {*environment.secrets}):
        yield f"{name} is in variables and in secrets: remove it from one of them"
    for kind, name in (
        *(("variables", name) for name in environment.variables),
        *(("secrets", name) for name in environment.secrets),
    ):
        yield from _taken(kind, name)
    for name, value in environment.variables.items():
        example = secret_example(name, environment=environment.name)
        if _SECRET_NAME.fullmatch(name):
            yield (
                f"variables has {name}, which looks like a secret, but anybody can read variables in the "
                f"template: put it into secrets, for example {example}"
            )
        if _URL_WITH_PASSWORD.search(value):
            yield (
                f"variables has {name}, a URL with a password in it, but anybody can read variables in "
                f"the template: take it out of variables; for example {example}"
            )
    for name, choice in environment.secrets.items():
        if not isinstance(choice, SecretsManagerSecret) or not choice.arn:
            continue
        region = choice.arn.split(":")[3]
        if region != environment.region:
            yield (
                f"secrets has {name} in region '{region}', but region is "
                f"'{environment.region}', where its rotation would not be noticed: replicate the secret and "
                "give the replica's arn"
            )
    yield from _release_problems(environment.release_command)


def _taken(kind: str, name: str) -> Iterator[str]:
    if SET_BY_INFRA.fullmatch(name):
        yield f"{kind} has {name}, which follows from other parameters (infra/task/variables.py): remove it"
    elif SET_BY_ECS.fullmatch(name):
        yield f"{kind} has {name}, which ECS sets by itself: remove it"
    elif USER_CREDENTIALS.fullmatch(name):
        yield f"{kind} has {name}, but tasks have a role: remove it, and grant that role what they need"


def _release_problems(command: tuple[str, ...]) -> Iterator[str]:
    if len(command) == 1 and " " in command[0]:
        words = ", ".join(f'"{word}"' for word in command[0].split())
        yield f"release_command is one word with spaces, and no shell splits it: write ({words})"
