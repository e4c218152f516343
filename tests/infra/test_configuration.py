import re
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from infra.parameters import (
    SET_BY_INFRA,
    Environment,
    NewSecret,
    ProxyKind,
    SecretsManagerSecret,
    SecureParameter,
    explain,
    secret_example,
)
from tests.infra.configured import container, statements, task_definition, template_of

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "configuration.md").read_text()
ARN = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:web-a1B2c3"


def refused(**parameters: Any) -> str:
    with pytest.raises(ValidationError) as error:
        Environment(name="test", **parameters)
    return explain(error.value)


@pytest.mark.parametrize("example", re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL))
def test_the_examples_of_the_page_are_environments(example: str) -> None:
    assert isinstance(eval(example, globals()), Environment)


def test_variables_reach_the_service_beside_those_that_infra_sets() -> None:
    made = template_of(variables={"LOG_LEVEL": "debug"})
    variables = {pair["Name"]: pair["Value"] for pair in container(made)["Environment"]}
    assert variables["LOG_LEVEL"] == "debug"
    assert variables["ENVIRONMENT"] == "test"


def test_environments_have_their_own() -> None:
    made = [template_of(variables={"LOG_LEVEL": level}) for level in ("debug", "info")]
    levels = [
        pair["Value"]
        for each in made
        for pair in container(each)["Environment"]
        if pair["Name"] == "LOG_LEVEL"
    ]
    assert levels == ["debug", "info"]


@pytest.mark.parametrize("proxy", ["nginx", "apache"])
def test_every_variable_that_infra_sets_is_refused(proxy: ProxyKind) -> None:
    made = template_of(proxy=proxy, tls_to_tasks=True)
    for pair in container(made)["Environment"]:
        assert SET_BY_INFRA.fullmatch(pair["Name"]), pair["Name"]
        message = (
            f"variables has {pair['Name']}, which follows from other parameters (infra/task/variables.py)"
        )
        assert message in refused(variables={pair["Name"]: "1"})


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"variables": {"log-level": "x"}}, "must be capital letters, digits and '_', such as LOG_LEVEL"),
        ({"variables": {"AWS_REGION": "x"}}, "variables has AWS_REGION, which ECS sets by itself: remove it"),
        ({"variables": {"AWS_ACCESS_KEY_ID": "x"}}, "but tasks have a role: remove it, and grant that role"),
        (
            {"variables": {"X": "1"}, "secrets": {"X": NewSecret()}},
            "X is in variables and in secrets: remove it from one of them",
        ),
        (
            {"secrets": {"X": SecretsManagerSecret(arn=ARN.replace("eu-west-1", "us-east-1"))}},
            "secrets has X in region 'us-east-1', but region is 'eu-west-1'",
        ),
        (
            {"release_command": ("flask db upgrade",)},
            'no shell splits it: write ("flask", "db", "upgrade")',
        ),
        ({"release_timeout_s": 841}, "less than or equal to 840, but 841 was given"),
    ],
)
def test_what_cannot_work_is_told(parameters: dict[str, Any], message: str) -> None:
    assert message in refused(**parameters)


@pytest.mark.parametrize("given", [{}, {"name": "web/prod", "arn": ARN}])
def test_a_secret_is_named_by_its_name_or_its_arn_and_not_by_both(given: dict[str, str]) -> None:
    with pytest.raises(ValidationError, match="needs either name or arn"):
        SecretsManagerSecret(**given)


def test_a_name_that_looks_like_the_end_of_an_arn_is_refused() -> None:
    with pytest.raises(ValidationError, match="without a hyphen and six characters at its end"):
        SecretsManagerSecret(name="web-server")


def test_a_secret_is_read_by_its_name_before_anybody_knows_its_arn() -> None:
    made = template_of(secrets={"URL": SecretsManagerSecret(name="web/prod", json_key="url")})
    (pair,) = container(made)["Secrets"]
    assert pair["ValueFrom"]["Fn::Join"][1][-1] == ":secret:web/prod:url::"
    (read,) = statements(made, "TaskDefinitionExecutionRole")[-1:]
    assert "secret:web/prod-??????" in str(read)


@pytest.mark.parametrize("arn", ["web", ARN.removesuffix("-a1B2c3"), "arn:aws:ssm:eu-west-1:123456789012:x"])
def test_a_secret_is_named_by_its_whole_arn(arn: str) -> None:
    with pytest.raises(ValidationError, match="must be the whole ARN of a secret"):
        SecretsManagerSecret(arn=arn)


@pytest.mark.parametrize("name", ["PASSWORD", "DB_PASSWORD", "API_TOKEN", "SECRET_KEY", "STRIPE_APIKEY"])
def test_a_secret_among_the_variables_is_refused_and_not_shown(name: str) -> None:
    message = refused(variables={name: "hunter2"})
    assert f"variables has {name}, which looks like a secret" in message
    assert f'put it into secrets, for example secrets={{"{name}": ' in message
    assert "hunter2" not in message


@pytest.mark.parametrize("name", ["SECRET_KEY", "JWT_SECRET_KEY", "SECURITY_PASSWORD_SALT", "DRILL_TOKEN"])
def test_a_random_value_is_proposed_where_any_will_do(name: str) -> None:
    assert secret_example(name, environment="dev") == f'secrets={{"{name}": NewSecret()}}'


@pytest.mark.parametrize(
    "name", ["DATABASE_URL", "SENTRY_DSN", "DB_PASSWORD", "STRIPE_SECRET_KEY", "API_KEY", "GITHUB_TOKEN"]
)
def test_no_random_value_is_proposed_for_what_somebody_else_must_know(name: str) -> None:
    stored = f"/web/dev/{name.lower().replace('_', '-')}"
    assert secret_example(name, environment="dev") == (
        f'secrets={{"{name}": SecureParameter(name="{stored}")}}, and store the value: '
        f"make secret NAME={name} ENV=dev"
    )


@pytest.mark.parametrize("url", ["postgresql://web:hunter2@db/web", "redis://:hunter2@cache:6379"])
def test_a_url_with_a_password_is_refused_and_not_shown(url: str) -> None:
    message = refused(variables={"DATABASE_URL": url})
    assert "variables has DATABASE_URL, a URL with a password in it" in message
    assert "hunter2" not in message
    assert "make secret NAME=DATABASE_URL ENV=" in message
    assert "NewSecret" not in message  # no random value is an address


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("TOKEN_LIFETIME_S", "60"),
        ("CACHE_KEY_PREFIX", "web"),
        ("API_URL", "https://api.example.com:8443/a@b"),
    ],
)
def test_what_only_reminds_of_a_secret_is_a_variable(name: str, value: str) -> None:
    assert Environment(name="test", variables={name: value}).variables == {name: value}


def test_a_secret_is_in_the_template_by_reference_alone() -> None:
    made = template_of(
        secrets={
            "ALL": SecretsManagerSecret(arn=ARN),
            "ONE": SecretsManagerSecret(arn=ARN, json_key="password"),
            "PARAMETER": SecureParameter(name="/web/api-key"),
            "NEW": NewSecret(),
        }
    )
    found = {pair["Name"]: pair["ValueFrom"] for pair in container(made)["Secrets"]}
    (new,) = made.find_resources("AWS::SecretsManager::Secret")
    assert found["ALL"] == ARN
    assert found["ONE"] == f"{ARN}:password::"
    assert found["NEW"] == {"Ref": new}
    assert ":parameter/web/api-key" in str(found["PARAMETER"])
    assert not {"ALL", "ONE", "PARAMETER", "NEW"} & {pair["Name"] for pair in container(made)["Environment"]}


def test_only_the_execution_role_may_read_secrets() -> None:
    made = template_of(
        secrets={"KEY": SecretsManagerSecret(arn=ARN), "PARAMETER": SecureParameter(name="web-key")}
    )
    readers = [
        role["Ref"]
        for policy in made.find_resources("AWS::IAM::Policy").values()
        for statement in policy["Properties"]["PolicyDocument"]["Statement"]
        if re.search("secretsmanager:GetSecretValue|ssm:GetParameters", str(statement["Action"]))
        for role in policy["Properties"]["Roles"]
    ]
    _, task = task_definition(made)
    assert len(readers) == 2
    assert {*readers} == {task["ExecutionRoleArn"]["Fn::GetAtt"][0]}
    assert not {*readers} & {task["TaskRoleArn"]["Fn::GetAtt"][0]}


@pytest.mark.parametrize("kind", ["secret", "parameter"])
def test_a_key_of_ones_own_decrypts_for_the_execution_role(kind: str) -> None:
    key = "arn:aws:kms:eu-west-1:123456789012:key/0a1b"
    choice = (
        SecretsManagerSecret(arn=ARN, kms_key_arn=key)
        if kind == "secret"
        else SecureParameter(name="/web/key", kms_key_arn=key)
    )
    rights = statements(template_of(secrets={"KEY": choice}), "TaskDefinitionExecutionRole")
    assert [each["Resource"] for each in rights if each["Action"] == "kms:Decrypt"] == [key]


@pytest.mark.parametrize(("removal", "policy"), [("retain", "RetainExceptOnCreate"), ("destroy", "Delete")])
def test_a_secret_of_the_stack_is_random_and_stays_as_the_environment_says(removal: Any, policy: str) -> None:
    made = template_of(secrets={"SECRET_KEY": NewSecret()}, removal=removal)
    (secret,) = made.find_resources("AWS::SecretsManager::Secret").values()
    assert secret["Properties"]["GenerateSecretString"] == {"PasswordLength": 50, "ExcludePunctuation": True}
    assert "Name" not in secret["Properties"]
    assert secret["DeletionPolicy"] == policy


def test_an_output_says_where_to_put_a_value_of_yours() -> None:
    made = template_of(secrets={"SECRET_KEY": NewSecret()})
    (secret,) = made.find_resources("AWS::SecretsManager::Secret")
    assert made.find_outputs("SecretSecretKey") == {"SecretSecretKey": {"Value": {"Ref": secret}}}


def test_without_secrets_nothing_waits_for_their_rotation() -> None:
    made = template_of(variables={"LOG_LEVEL": "info"})
    assert not [name for name in made.to_json()["Resources"] if name.startswith("Rotation")]
    made.resource_count_is("AWS::SecretsManager::Secret", 0)
