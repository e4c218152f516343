"""Ask about an account and its region: credentials, AWS's own roles, bootstrap, quotas, trail, cost tag."""

from typing import Any

from botocore.exceptions import ClientError

from infra.parameters import Need, needs
from tools.doctor.check import Answer, Situation, well, wrong

# Roles that AWS keeps for its services; the first use of a service makes them, a moment too late for itself.
# https://docs.aws.amazon.com/AmazonECS/latest/developerguide/using-service-linked-roles.html
LINKED_ROLES = (
    "ecs.amazonaws.com",
    "ecs.application-autoscaling.amazonaws.com",
    "elasticloadbalancing.amazonaws.com",
)
# What the CDK writes into cdk.out/manifest.json for stacks without lookups.
BOOTSTRAP_VERSION = 6


def credentials(situation: Situation) -> Answer:
    """Compare the account of the credentials with the environment's."""
    found = situation.client("sts").get_caller_identity()["Account"]
    wanted = situation.environment.account
    if wanted and found != wanted:
        return wrong(f"they are for account {found}, but '{situation.environment.name}' is in {wanted}")
    return well(f"they are for account {found}")


def linked_roles(situation: Situation) -> Answer:
    """Look for the roles that AWS keeps for ECS, its scaling and load balancers."""
    iam = situation.client("iam")
    missing = [
        service
        for service in LINKED_ROLES
        if not iam.list_roles(PathPrefix=f"/aws-service-role/{service}/")["Roles"]
    ]
    return wrong(f"missing: {', '.join(missing)}") if missing else well("all are there")


def bootstrap(situation: Situation) -> Answer:
    """Compare the version of `cdk bootstrap` with the one that the templates want."""
    name = f"/cdk-bootstrap/{situation.environment.bootstrap_qualifier}/version"
    try:
        found = int(situation.client("ssm").get_parameter(Name=name)["Parameter"]["Value"])
    except ClientError as error:
        if error.response["Error"]["Code"] != "ParameterNotFound":
            raise
        return wrong(f"{situation.environment.region} was never bootstrapped: there is no {name}")
    if found < BOOTSTRAP_VERSION:
        return wrong(f"its version is {found}, but {BOOTSTRAP_VERSION} is needed")
    return well(f"its version is {found}")


def quotas(situation: Situation) -> Answer:
    """Compare what all environments of this account and region may need with its quotas."""
    here = situation.environment
    asked = [
        need
        for need in needs(situation.everyone)
        if (need.account, need.region) == (here.account, here.region)
    ]
    client = situation.client("service-quotas")
    found = [need.exceeds(_quota(client, need), whose="the account") for need in asked]
    problems = [each for each in found if each]
    return wrong("; ".join(problems)) if problems else well("they are enough for all environments here")


def trail(situation: Situation) -> Answer:
    """Look for a trail that logs, which tells of changed secrets."""
    client = situation.client("cloudtrail")
    for each in client.describe_trails()["trailList"]:
        if client.get_trail_status(Name=each["TrailARN"])["IsLogging"]:
            return well(f"{each['Name']} logs")
    return wrong("no trail logs, so that a changed secret restarts nothing")


def cost_tag(situation: Situation) -> Answer:
    """Ask whether costs are told apart by the tag `environment`."""
    # https://docs.aws.amazon.com/awsaccountbilling/latest/aboutv2/activating-tags.html
    tags = situation.client("ce", "us-east-1").list_cost_allocation_tags(TagKeys=["environment"])
    if any(each["Status"] == "Active" for each in tags["CostAllocationTags"]):
        return well("it is active")
    return wrong("it is not active, so that the budget counts nothing")


def _quota(client: Any, need: Need) -> float:
    asked = {"ServiceCode": need.quota.service, "QuotaCode": need.quota.code}
    try:
        answer = client.get_service_quota(**asked)
    except ClientError as error:
        # Quotas that an account never asked about are listed as defaults alone.
        if error.response["Error"]["Code"] != "NoSuchResourceException":
            raise
        answer = client.get_aws_default_service_quota(**asked)
    return float(answer["Quota"]["Value"])
