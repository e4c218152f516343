"""Define types for the ids and names of AWS, with their patterns."""

import ipaddress
from typing import Annotated, Literal

from pydantic import AfterValidator

from infra.parameters.model import matching

EnvironmentName = Annotated[
    str, matching(r"[a-z][a-z0-9-]{0,19}", "1 to 20 lower-case letters, digits and '-', first a letter")
]
AccountId = Annotated[str, matching(r"\d{12}", "12 digits")]
Region = Annotated[str, matching(r"[a-z]{2}(-[a-z]+)+-\d", "a region such as eu-west-1")]
ZoneName = Annotated[str, matching(r"[a-z]{2}(-[a-z]+)+-\d[a-z]", "a zone such as eu-west-1a")]
HostName = Annotated[str, matching(r"([a-z0-9-]+\.)+[a-z]{2,}", "a host name such as app.example.com")]
# A host name or a wildcard, both of which certificates and DNS zones accept.
AliasName = Annotated[
    str,
    matching(
        r"(\*\.)?([a-z0-9-]+\.)+[a-z]{2,}",
        "a host name such as www.example.com or *.example.com",
    ),
]
# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
PolicyName = Annotated[str, matching(r"[\w+=,.@-]{1,128}", "the name of a managed policy, not its ARN")]
# https://docs.aws.amazon.com/cdk/v2/guide/bootstrapping-customizing.html
Qualifier = Annotated[str, matching(r"[a-z0-9]{1,10}", "1 to 10 lower-case letters and digits")]
UrlPath = Annotated[str, matching(r"/[!-~]{0,1023}", "a path such as /healthz")]
# Safe in nginx's configuration, and at most as long as a load balancer takes.
# https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html
HealthPath = Annotated[
    str, matching(r"/[A-Za-z0-9._~/-]{0,1023}", "a path such as /healthz, of letters, digits and -._~/")
]
StatusCodes = Annotated[str, matching(r"\d{3}([,-]\d{3})*", "status codes such as 200 or 200,204 or 200-399")]
EmailAddress = Annotated[str, matching(r"\S+@\S+\.\S+", "an e-mail address")]
HostedZoneId = Annotated[str, matching(r"Z[A-Z0-9]+", "the id of a Route 53 zone such as Z0123456789")]
VpcId = Annotated[str, matching(r"vpc-[0-9a-f]{8,17}", "the id of a VPC such as vpc-0123456789abcdef0")]
SubnetId = Annotated[
    str, matching(r"subnet-[0-9a-f]{8,17}", "the id of a subnet such as subnet-0123456789abcdef0")
]
SecurityGroupId = Annotated[
    str, matching(r"sg-[0-9a-f]{8,17}", "the id of a security group such as sg-0123456789abcdef0")
]
CertificateArn = Annotated[
    str,
    matching(
        r"arn:aws[a-z-]*:acm:[a-z0-9-]+:\d+:certificate/[A-Za-z0-9-]+", "the ARN of a certificate in ACM"
    ),
]
# CloudFront takes certificates and web ACLs from us-east-1 only.
# https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cnames-and-https-requirements.html
CloudFrontCertificateArn = Annotated[
    str,
    matching(
        r"arn:aws[a-z-]*:acm:us-east-1:\d+:certificate/[A-Za-z0-9-]+",
        "the ARN of a certificate in ACM in us-east-1",
    ),
]
CloudFrontWebAclArn = Annotated[
    str,
    matching(
        r"arn:aws[a-z-]*:wafv2:us-east-1:\d{12}:global/webacl/[A-Za-z0-9/_-]+",
        "the ARN of a web ACL of scope CLOUDFRONT",
    ),
]
LoadBalancerArn = Annotated[
    str,
    matching(
        r"arn:aws[a-z-]*:elasticloadbalancing:[a-z0-9-]+:\d{12}:loadbalancer/app/[A-Za-z0-9/-]+",
        "the ARN of an Application Load Balancer",
    ),
]
ListenerArn = Annotated[
    str,
    matching(
        r"arn:aws[a-z-]*:elasticloadbalancing:[a-z0-9-]+:\d{12}:listener/app/[A-Za-z0-9/-]+",
        "the ARN of a listener of an Application Load Balancer",
    ),
]
VariableName = Annotated[
    str, matching(r"[A-Z_][A-Z0-9_]*", "capital letters, digits and '_', such as LOG_LEVEL")
]
SecretArn = Annotated[
    str,
    matching(
        r"arn:aws[a-z-]*:secretsmanager:[a-z0-9-]+:\d{12}:secret:[A-Za-z0-9/_+=.@-]+-[A-Za-z0-9]{6}",
        "the whole ARN of a secret, such as arn:aws:secretsmanager:eu-west-1:123456789012:secret:web-a1B2c3",
    ),
]
# GetSecretValue would take a hyphen and six characters at the end of a name for those that AWS adds.
# https://docs.aws.amazon.com/secretsmanager/latest/userguide/troubleshoot.html#ARN_secretnamehyphen
SecretName = Annotated[
    str,
    matching(
        r"(?!.*-[A-Za-z0-9]{6}$)[A-Za-z0-9/_+=.@-]{1,512}",
        "the name of a secret, such as web/prod, without a hyphen and six characters at its end",
    ),
]
ParameterName = Annotated[
    str,
    matching(
        r"[A-Za-z0-9_.-]+|(/[A-Za-z0-9_.-]+)+", "the name of a parameter such as api-key or /web/api-key"
    ),
]
# https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html#id_tags_naming_best_practices
_IN_TAGS = r"[A-Za-z0-9\u00a0-\uffff +=._:/@-]"
TagKey = Annotated[
    str,
    matching(rf"(?!aws:){_IN_TAGS}{{1,128}}", "1 to 128 letters, digits, spaces and +-=._:/@, not aws:..."),
]
TagValue = Annotated[str, matching(rf"{_IN_TAGS}{{0,256}}", "up to 256 letters, digits, spaces and +-=._:/@")]
KmsKeyArn = Annotated[
    str,
    matching(r"arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:key/[a-z0-9-]+", "the ARN of a KMS key, not of an alias"),
]
# https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html
LogDays = Literal[1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731]


def _network(value: str) -> str:
    try:
        ipaddress.ip_network(value)
    except ValueError as error:
        raise ValueError(f"must be a network such as 203.0.113.0/24 or 2001:db8::/32 ({error})") from None
    return value


Cidr = Annotated[str, AfterValidator(_network)]
