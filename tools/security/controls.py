"""List every control that is checked, and those that templates cannot show, with the reason."""

from typing import NamedTuple

from tools.security import (
    cloudformation,
    cloudfront,
    ec2,
    ecr,
    ecs,
    edge,
    elb,
    iam,
    rds,
    rds_clusters,
    s3,
    secrets_manager,
    sqs,
)
from tools.security.control import Control

CONTROLS: tuple[Control, ...] = tuple(
    each
    for module in (
        *(cloudformation, ec2, ecr, ecs, elb, edge, cloudfront, iam, rds, rds_clusters, s3),
        *(secrets_manager, sqs),
    )
    for each in vars(module).values()
    if isinstance(each, Control)
)


class NotHere(NamedTuple):
    """Controls, from the first to the last, of resources that no environment has; once one has, an error."""

    controls: tuple[str, ...]
    reason: str
    resource_types: tuple[str, ...] = ()


NOT_HERE = (
    NotHere(("CloudFront.12",), "whether a bucket is there, a template does not know"),
    NotHere(("GuardDuty.11", "GuardDuty.12"), "runtime monitoring is a setting of the account"),
    NotHere(("KMS.3", "KMS.5"), "no key: AWS's own encrypt what is stored", ("AWS::KMS::Key",)),
    NotHere(("Lambda.2",), "`make lint` refuses old runtimes: cfn-lint's E2531"),
    NotHere(("SecretsManager.4",), "when a secret has last rotated, a template does not know"),
    NotHere(("S3.1",), "blocking public access to all buckets is a setting of the account"),
)
