import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from aws_cdk.assertions import Match, Template
from botocore.session import get_session
from botocore.stub import Stubber

from infra.parameters import NewSecret, SecretChoice, SecretsManagerSecret, SecureParameter
from infra.release.functions.restart import restart
from tests.infra.configured import statements, task_definition, template_of

ARN = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:web-db-a1B2c3"


@pytest.fixture(scope="module")
def made() -> Template:
    """Return the template of a service with a secret of each kind."""
    return template_of(
        secrets={
            "DB": SecretsManagerSecret(arn=ARN, json_key="password"),
            "PARAMETER": SecureParameter(name="/web/api-key"),
            "NEW": NewSecret(),
            "NAMED": SecretsManagerSecret(name="web/named"),
        }
    )


def test_a_finished_rotation_rolls_the_service(made: Template) -> None:
    rotated = {
        "eventName": ["RotationSucceeded"],
        "additionalEventData": {"SecretId": Match.array_with([ARN])},
    }
    made.has_resource_properties(
        "AWS::Events::Rule",
        {"EventPattern": {"source": ["aws.secretsmanager"], "detail": {"$or": Match.array_with([rotated])}}},
    )


@pytest.mark.parametrize("secret", [ARN, "web-db"])
def test_a_value_put_by_hand_rolls_it_whether_the_secret_is_called_by_arn_or_name(
    made: Template, secret: str
) -> None:
    put = {
        "eventName": ["PutSecretValue", "UpdateSecret"],
        "errorCode": [{"exists": False}],
        "requestParameters": {
            "secretId": Match.array_with([secret]),
            # Until a rotation has ended, no task uses its new value.
            "versionStages": [{"exists": False}],
        },
    }
    made.has_resource_properties(
        "AWS::Events::Rule", {"EventPattern": {"detail": {"$or": Match.array_with([put])}}}
    )


def test_a_secret_of_the_stack_is_watched_too(made: Template) -> None:
    (secret,) = made.find_resources("AWS::SecretsManager::Secret")
    (pattern,) = (
        rule["Properties"]["EventPattern"]
        for name, rule in made.find_resources("AWS::Events::Rule").items()
        if name.startswith("RotationSecretChanged")
    )
    assert {"Ref": secret} in pattern["detail"]["$or"][0]["additionalEventData"]["SecretId"]


def test_a_secret_that_is_known_by_its_name_is_watched_by_the_beginning_of_its_arn(made: Template) -> None:
    rules = json.dumps(made.find_resources("AWS::Events::Rule"))
    assert re.search(r'"prefix": \{"Fn::Join": .{1,200}:secret:web/named-"', rules)
    assert rules.count('"web/named"') == 1


@pytest.mark.parametrize(
    "choice",
    [
        lambda key: SecretsManagerSecret(name="web/prod", json_key=key),
        lambda key: SecretsManagerSecret(arn=ARN, json_key=key),
        lambda key: SecureParameter(name=f"/web/prod/{key.lower()}"),
    ],
)
def test_a_hundred_secrets_fit_what_aws_takes(choice: Callable[[str], SecretChoice]) -> None:
    made = template_of(secrets={key: choice(key) for key in (f"THE_SECRET_NUMBER_{n}" for n in range(120))})
    patterns = [
        rule["Properties"]["EventPattern"] for rule in made.find_resources("AWS::Events::Rule").values()
    ]
    assert max(len(json.dumps(pattern)) for pattern in patterns) <= 2048
    # https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-quotas.html
    _, definition = task_definition(made)
    assert len(json.dumps(definition)) <= 64 * 1024
    # https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
    for kind, most in (("AWS::IAM::Policy", 10_240), ("AWS::IAM::ManagedPolicy", 6144)):
        for policy in made.find_resources(kind).values():
            assert len(json.dumps(policy["Properties"]["PolicyDocument"], separators=(",", ":"))) <= most


def longest_made(value: Any) -> Any:
    """Put names as long as CloudFormation's into a pattern: an ARN for a Ref, a name for the rest."""
    if isinstance(value, list):
        return [longest_made(each) for each in value]
    if not isinstance(value, dict):
        return value
    if set(value) == {"Ref"}:
        return f"arn:aws:secretsmanager:ap-southeast-1:123456789012:secret:{value['Ref']}-{'x' * 12}-a1b2c3"
    if any(key.startswith("Fn::") for key in value):
        return f"{'S' * 40}-{'x' * 12}"
    return {key: longest_made(each) for key, each in value.items()}


@pytest.mark.parametrize("kind", ["made", "given", "parameters"])
def test_as_many_secrets_as_one_likes_fit_into_patterns(kind: str) -> None:
    choices: dict[str, Any] = {
        "made": lambda _: NewSecret(),
        "given": lambda number: SecretsManagerSecret(arn=ARN.replace("web-db", f"web-database-{number}")),
        "parameters": lambda number: SecureParameter(name=f"/web/prod/a-rather-long-name/{number}" * 3),
    }
    made = template_of(secrets={f"SECRET_{number}": choices[kind](number) for number in range(25)})
    patterns = [
        longest_made(rule["Properties"]["EventPattern"])
        for name, rule in made.find_resources("AWS::Events::Rule").items()
        if name.startswith("Rotation")
    ]
    assert len(patterns) > 1
    assert max(len(json.dumps(each)) for each in patterns) <= 2048
    watched = sum(
        len(each["detail"].get("name") or each["detail"]["$or"][0]["additionalEventData"]["SecretId"])
        for each in patterns
    )
    assert watched == 25


def test_a_changed_parameter_rolls_it(made: Template) -> None:
    made.has_resource_properties(
        "AWS::Events::Rule",
        {
            "EventPattern": {
                "source": ["aws.ssm"],
                "detail-type": ["Parameter Store Change"],
                "detail": {"name": ["/web/api-key"], "operation": ["Create", "Update"]},
            }
        },
    )


def test_only_kinds_that_are_there_are_watched() -> None:
    secret = template_of(secrets={"DB": SecretsManagerSecret(arn=ARN)})
    parameter = template_of(secrets={"KEY": SecureParameter(name="key")})
    assert "aws.ssm" not in json.dumps(secret.find_resources("AWS::Events::Rule"))
    assert "aws.secretsmanager" not in json.dumps(parameter.find_resources("AWS::Events::Rule"))


def test_it_may_deploy_this_service_and_write_its_log_and_nothing_else(made: Template) -> None:
    (service,) = made.find_resources("AWS::ECS::Service")
    log, update = statements(made, "RotationRestart")
    assert log["Action"] == ["logs:CreateLogStream", "logs:PutLogEvents"]
    assert "RotationRestartLog" in str(log["Resource"])
    assert (update["Action"], update["Resource"]) == ("ecs:UpdateService", {"Ref": service})


def test_the_deployment_is_of_what_the_service_runs() -> None:
    # Without a task definition or a count, circuit breaker and alarms judge it like any other deployment.
    ecs = get_session().create_client(
        "ecs", region_name="eu-west-1", aws_access_key_id="x", aws_secret_access_key="x"
    )
    with Stubber(ecs) as stub:
        wanted = {"cluster": "web", "service": "app", "forceNewDeployment": True}
        stub.add_response("update_service", {}, wanted)
        restart(ecs, cluster="web", service="app")
        stub.assert_no_pending_responses()
