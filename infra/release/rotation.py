"""Deploy the services again when a secret changes, because tasks read secrets when they start."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TypeVar

from aws_cdk import RemovalPolicy, Token
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_iam as iam
from constructs import Construct

from infra.release.function import Function
from infra.release.secrets import Secrets

_NOT_GIVEN = [{"exists": False}]
# https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html
_LONGEST_PATTERN = 2048
# Characters of a pattern without ids, and of an id of which the template holds a reference alone.
_EMPTY_PATTERN = 400
_LONGEST_MADE = 140
# An id as a pattern compares it: in whole, or by its beginning, {"prefix": ...}.
_Id = str | Mapping[str, str]
_Ids = TypeVar("_Ids", bound=tuple[_Id, ...])


class Rotation(Construct):
    """A rule and a function that deploy services again, unchanged, after one of their secrets has changed.

    Each deployment is like any other: if tasks do not get healthy with the new value, it ends, and the tasks
    with the old value go on serving. Events of Secrets Manager arrive through CloudTrail, so the account
    needs a trail that logs management events.
    https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-service-event-cloudtrail.html
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        secrets: Secrets,
        services: Sequence[ecs.FargateService],
        log_days: int,
        removal_policy: RemovalPolicy,
    ) -> None:
        super().__init__(scope, id)
        # A function of ours with one call: a state machine would need rights to every log group of the
        # account, and so does the function that the CDK's AwsApi target adds.
        function = Function(
            self,
            "Restart",
            module="restart",
            description="Deploys the services again when a secret of theirs has changed",
            timeout_s=30,
            variables={
                "CLUSTER": services[0].cluster.cluster_name,
                "SERVICES": ",".join(each.service_name for each in services),
            },
            log_days=log_days,
            removal_policy=removal_policy,
        )
        function.role.add_to_principal_policy(
            iam.PolicyStatement(
                actions=["ecs:UpdateService"], resources=[each.service_arn for each in services]
            )
        )
        target = targets.LambdaFunction(function.function)
        for name, pattern in _patterns(secrets):
            events.Rule(
                self,
                name,
                description="A secret of the service has changed",
                event_pattern=pattern,
                targets=[target],
            )


def _patterns(secrets: Secrets) -> Iterator[tuple[str, events.EventPattern]]:
    for number, some in enumerate(_that_fit(secrets.secret_ids), start=1):
        yield _id("SecretChanged", number), _secret_changed(some)
    names = [(name,) for name in secrets.parameter_names]
    for number, some_names in enumerate(_that_fit(names), start=1):
        yield (
            _id("ParameterChanged", number),
            events.EventPattern(
                source=["aws.ssm"],
                detail_type=["Parameter Store Change"],
                detail={"name": [name for (name,) in some_names], "operation": ["Create", "Update"]},
            ),
        )


def _secret_changed(ids: Sequence[tuple[_Id, str]]) -> events.EventPattern:
    arns = [arn for arn, _ in ids]
    rotated = {"eventName": ["RotationSucceeded"], "additionalEventData": {"SecretId": arns}}
    # A call with version stages belongs to a rotation under way: its value counts once it has succeeded.
    put = {
        "eventName": ["PutSecretValue", "UpdateSecret"],
        "errorCode": _NOT_GIVEN,
        "requestParameters": {
            "secretId": [*arns, *(name for _, name in ids)],
            "versionStages": _NOT_GIVEN,
        },
    }
    return events.EventPattern(
        source=["aws.secretsmanager"],
        detail_type=["AWS Service Event via CloudTrail", "AWS API Call via CloudTrail"],
        detail={"$or": [rotated, put]},
    )


def _id(name: str, number: int) -> str:
    return name if number == 1 else f"{name}{number}"


def _that_fit(ids: Sequence[_Ids]) -> Iterator[list[_Ids]]:
    """Yield the ids in groups whose pattern is no longer than EventBridge takes."""
    group: list[_Ids] = []
    length = _EMPTY_PATTERN
    for each in ids:
        # Each with its quotes, comma and blank; the first, an ARN, is in two places.
        lengths = [_length(part) for part in each]
        longest = lengths[0] + sum(lengths)
        if group and length + longest > _LONGEST_PATTERN:
            yield group
            group, length = [], _EMPTY_PATTERN
        group.append(each)
        length += longest
    if group:
        yield group


def _length(part: _Id) -> int:
    if not isinstance(part, str):
        return len('{"prefix": }') + _length(part["prefix"])
    return _LONGEST_MADE if Token.is_unresolved(part) else len(part) + 4
