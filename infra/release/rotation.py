"""Deploy the service again when a secret changes, because tasks read secrets when they start."""

from aws_cdk import RemovalPolicy
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_iam as iam
from constructs import Construct

from infra.release.function import Function
from infra.release.secrets import Secrets

_NOT_GIVEN = [{"exists": False}]
# A pattern has 2048 characters at most, and /web/staging/some-long-name about 40.
# https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html
_NAMES_IN_A_PATTERN = 25


class Rotation(Construct):
    """A rule and a function that deploy the service again, unchanged, after one of its secrets has changed.

    The deployment is like any other: if tasks do not get healthy with the new value, it ends, and the tasks
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
        service: ecs.FargateService,
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
            description="Deploys the service again when a secret of its has changed",
            timeout_s=30,
            variables={"CLUSTER": service.cluster.cluster_name, "SERVICE": service.service_name},
            log_days=log_days,
            removal_policy=removal_policy,
        )
        function.role.add_to_principal_policy(
            iam.PolicyStatement(actions=["ecs:UpdateService"], resources=[service.service_arn])
        )
        target = targets.LambdaFunction(function.function)
        for name, pattern in _patterns(secrets).items():
            events.Rule(
                self,
                name,
                description="A secret of the service has changed",
                event_pattern=pattern,
                targets=[target],
            )


def _patterns(secrets: Secrets) -> dict[str, events.EventPattern]:
    patterns = {}
    if secrets.secret_arns:
        rotated = {
            "eventName": ["RotationSucceeded"],
            "additionalEventData": {"SecretId": secrets.secret_arns},
        }
        # A call with version stages belongs to a rotation under way: its value counts once it has succeeded.
        put = {
            "eventName": ["PutSecretValue", "UpdateSecret"],
            "errorCode": _NOT_GIVEN,
            "requestParameters": {
                "secretId": [*secrets.secret_arns, *secrets.secret_names],
                "versionStages": _NOT_GIVEN,
            },
        }
        patterns["SecretChanged"] = events.EventPattern(
            source=["aws.secretsmanager"],
            detail_type=["AWS Service Event via CloudTrail", "AWS API Call via CloudTrail"],
            detail={"$or": [rotated, put]},
        )
    for first in range(0, len(secrets.parameter_names), _NAMES_IN_A_PATTERN):
        names = secrets.parameter_names[first : first + _NAMES_IN_A_PATTERN]
        patterns[f"ParameterChanged{first or ''}"] = events.EventPattern(
            source=["aws.ssm"],
            detail_type=["Parameter Store Change"],
            detail={"name": names, "operation": ["Create", "Update"]},
        )
    return patterns
