"""Check the controls of AWS Secrets Manager."""

from tools.assembly import references
from tools.security.control import Finding, Findings, control
from tools.security.stack import Stack


@control("SecretsManager.1", absent="no secret of the stack's own: yours are made outside it")
def secrets_rotate(stack: Stack) -> Findings:
    """Require that secrets rotate by themselves."""
    rotated = {
        each
        for schedule in stack.of_type("AWS::SecretsManager::RotationSchedule").values()
        for each in references(schedule["SecretId"])
    }
    for secret in stack.of_type("AWS::SecretsManager::Secret"):
        yield Finding.of(secret, secret in rotated, "nothing rotates it")
