"""List all that must be so before a first deploy; docs/deploy-checklist.md is made from it."""

from collections.abc import Sequence

from infra.parameters import (
    Environment,
    ExistingVpc,
    NewVpc,
    SecretsManagerSecret,
    SecureParameter,
    SharedLoadBalancer,
)
from tools.doctor import account, place
from tools.doctor.check import Answer, Check, Situation, well, wrong
from tools.preflight.engine import CannotRunError, Engine


def _engine(_: Situation) -> Answer:
    try:
        return well(f"{Engine.find().program} answers")
    except CannotRunError as error:
        return wrong(str(error))


def _has_zone(environment: Environment) -> bool:
    return bool(environment.domain and environment.domain.hosted_zone_id)


def _has_vpc(environment: Environment) -> bool:
    shared = isinstance(environment.load_balancer, SharedLoadBalancer)
    return isinstance(environment.network, NewVpc) and not shared


_LINKED = " && ".join(
    f"aws iam create-service-linked-role --aws-service-name {service}" for service in account.LINKED_ROLES
)

CHECKS: Sequence[Check] = (
    Check(
        name="container engine",
        once_per="machine",
        wants="Docker or podman, which builds the image of a deploy by hand; pipelines have their own",
        fix="install and start Docker, or podman",
        takes="10 minutes",
        costs="nothing",
        ask=_engine,
        asks_aws=False,
    ),
    Check(
        name="credentials",
        once_per="machine",
        wants="credentials of the environment's account, of a person who may deploy",
        fix="aws configure sso && aws sso login",
        takes="5 minutes",
        costs="nothing",
        ask=account.credentials,
    ),
    Check(
        name="AWS's own roles",
        once_per="account",
        wants="the roles that AWS keeps for ECS, its scaling and load balancers; the first deploy of an"
        " account that never used them fails without",
        fix=_LINKED,
        takes="1 minute; wait another one before the deploy",
        costs="nothing",
        ask=account.linked_roles,
        played=True,
    ),
    Check(
        name="cost tag",
        once_per="account",
        wants="the tag `environment` as a cost allocation tag, by which alarms.monthly_budget_usd counts; it"
        " appears a day after the first deploy",
        fix="aws ce update-cost-allocation-tags-status --cost-allocation-tags-status"
        " TagKey=environment,Status=Active",
        takes="1 minute, a day after the first deploy; up to a day until it counts",
        costs="nothing",
        ask=account.cost_tag,
        applies=lambda environment: bool(environment.alarms.monthly_budget_usd),
    ),
    Check(
        name="trail",
        once_per="account",
        wants="a CloudTrail trail of management events, which tells of changed secrets",
        fix="create a trail in the console (CloudTrail, Create trail), with management events",
        takes="5 minutes",
        costs="the first trail is free, its files in S3 cost cents a month",
        ask=account.trail,
        applies=lambda environment: bool(environment.secrets),
        played=True,
    ),
    Check(
        name="zone",
        once_per="account",
        wants="a hosted zone to which the domain is delegated: certificates are validated in it",
        fix="give the four name servers of the zone to the registrar of the domain"
        " (aws route53 get-hosted-zone --id ID)",
        takes="10 minutes, and up to two days until everybody knows",
        costs="$0.50 a month for the zone",
        ask=place.zone,
        applies=_has_zone,
    ),
    Check(
        name="bootstrap",
        once_per="region",
        wants="`cdk bootstrap` of the environment's qualifier: bucket, image repository and roles of deploys",
        fix="npx cdk bootstrap aws://{account}/{region} --qualifier {qualifier}",
        takes="3 minutes",
        costs="cents a month for files and images",
        ask=account.bootstrap,
        played=True,
    ),
    Check(
        name="quotas",
        once_per="region",
        wants="quotas for all environments of the account and region, each deploying with its most tasks",
        fix="run the commands of the line above, and wait for AWS's answer",
        takes="5 minutes, and minutes to days until AWS answers",
        costs="nothing",
        ask=account.quotas,
    ),
    Check(
        name="certificates",
        once_per="environment",
        wants="certificates that are issued, where the environment names some",
        fix="finish the validation that ACM asks for (aws acm describe-certificate --certificate-arn ARN)",
        takes="5 minutes, and up to half an hour until ACM has seen it",
        costs="nothing",
        ask=place.certificates,
        applies=lambda environment: bool(place.certificate_arns(environment)),
        played=True,
    ),
    Check(
        name="records",
        once_per="environment",
        wants="names that no record of the zone has yet: a stack cannot create a record a second time",
        fix="delete the old records when the new environment is to take over, or deploy under another name",
        takes="5 minutes",
        costs="nothing",
        ask=place.records,
        applies=_has_zone,
        played=True,
    ),
    Check(
        name="secrets",
        once_per="environment",
        wants="every secret and parameter that the environment names",
        fix="create what is missing, under exactly this name (docs/configuration.md)",
        takes="1 minute for each",
        costs="$0.40 a month for each secret; parameters are free",
        ask=place.secrets,
        applies=lambda environment: any(
            isinstance(each, SecretsManagerSecret | SecureParameter) for each in environment.secrets.values()
        ),
        played=True,
    ),
    Check(
        name="subnets",
        once_per="environment",
        wants="subnets of the existing VPC, with at least 8 free addresses in each",
        fix="correct the ids in infra/environments.py (aws ec2 describe-subnets)",
        takes="10 minutes",
        costs="nothing",
        ask=place.subnets,
        applies=lambda environment: isinstance(environment.network, ExistingVpc),
        played=True,
    ),
    Check(
        name="addresses",
        once_per="environment",
        wants="addresses that no other environment's VPC has: they cannot be changed later, and VPCs with the"
        " same ones can never be connected",
        fix="set network.cidr, such as NewVpc(cidr='10.3.0.0/16'), before the first deploy",
        takes="1 minute",
        costs="nothing",
        ask=place.addresses,
        asks_aws=False,
        applies=_has_vpc,
        played=True,
    ),
    Check(
        name="mail",
        once_per="environment",
        wants="somebody who hears of alarms and failed deployments",
        fix="set alarms=Alarms(email=...); AWS sends a link that confirms it, after the deploy",
        takes="1 minute, and one click",
        costs="nothing",
        ask=place.mail,
        asks_aws=False,
        played=True,
    ),
    Check(
        name="leftovers",
        once_per="environment",
        wants="no stack whose first deploy failed",
        fix="make why ENV={name}, then make destroy ENV={name}, which clears it away",
        takes="5 minutes",
        costs="nothing",
        ask=place.leftovers,
        played=True,
    ),
)
