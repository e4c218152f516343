"""Ask about one environment: its names and certificates, secrets, network, and what a failed deploy left."""

import ipaddress
import shutil
import subprocess

from botocore.exceptions import ClientError

from infra.parameters import (
    CloudFront,
    Environment,
    ExistingVpc,
    NewLoadBalancer,
    NewVpc,
    SecretsManagerSecret,
    SecureParameter,
    SharedLoadBalancer,
)
from tools.doctor.check import Answer, Situation, not_asked, well, wrong
from tools.operate.destroy import NEVER_COMPLETE
from tools.operate.errors import NotDeployedError

# https://docs.aws.amazon.com/elasticloadbalancing/latest/application/application-load-balancers.html
_OF_A_BALANCER = 8


def zone(situation: Situation) -> Answer:
    """Compare the zone's name servers with those that the internet asks."""
    domain = situation.environment.domain
    if domain is None:
        return well("there is no domain")
    name = domain.hosted_zone_name
    answer = situation.client("route53").get_hosted_zone(Id=domain.hosted_zone_id)
    ours = {each.rstrip(".").lower() for each in answer["DelegationSet"]["NameServers"]}
    told = _name_servers(str(name))
    if told is None:
        return not_asked(
            f"neither dig nor nslookup is here; the name servers of {name} must be {', '.join(ours)}"
        )
    if not told & ours:
        return wrong(
            f"{name} is delegated to {', '.join(sorted(told)) or 'nobody'}, not to {', '.join(sorted(ours))}"
        )
    return well(f"{name} is delegated to it")


def records(situation: Situation) -> Answer:
    """Look for records of the environment's names, which its stack could not create a second time."""
    domain = situation.environment.domain
    if domain is None:
        return well("there is no domain")
    if _status(situation) in ("CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE"):
        return well("the stack has made its own")
    names = [name.replace("*", r"\052") for name in domain.names]
    taken = []
    for name in names:
        found = situation.client("route53").list_resource_record_sets(
            HostedZoneId=domain.hosted_zone_id,
            StartRecordName=name,
            StartRecordType="A",
            MaxItems="1",
        )["ResourceRecordSets"]
        taken += [
            name for each in found if each["Name"].rstrip(".") == name and each["Type"] in ("A", "AAAA")
        ]
    return wrong(f"the zone has records of {', '.join(taken)}") if taken else well("the names are free")


def certificates(situation: Situation) -> Answer:
    """Ask whether each certificate that the environment names is issued."""
    problems = []
    for arn in certificate_arns(situation.environment):
        client = situation.client("acm", arn.split(":")[3])
        try:
            status = client.describe_certificate(CertificateArn=arn)["Certificate"]["Status"]
        except ClientError as error:
            if error.response["Error"]["Code"] != "ResourceNotFoundException":
                raise
            status = "not there"
        if status != "ISSUED":
            problems.append(f"{arn} is {status}")
    return wrong("; ".join(problems)) if problems else well("all are issued")


def secrets(situation: Situation) -> Answer:
    """Ask whether each secret that the environment names is there; no value is read."""
    missing = []
    for name, choice in situation.environment.secrets.items():
        try:
            match choice:
                case SecretsManagerSecret():
                    situation.client("secretsmanager").describe_secret(SecretId=choice.arn or choice.name)
                case SecureParameter():
                    wanted = [{"Key": "Name", "Values": [choice.name]}]
                    found = situation.client("ssm").describe_parameters(ParameterFilters=wanted)
                    if not found["Parameters"]:
                        missing.append(f"{name} ({choice.name})")
        except ClientError as error:
            if error.response["Error"]["Code"] != "ResourceNotFoundException":
                raise
            missing.append(name)
    return wrong(f"missing: {', '.join(missing)}") if missing else well("all are there")


def subnets(situation: Situation) -> Answer:
    """Compare the subnets of an existing VPC with what the environment says of them."""
    network = situation.environment.network
    if not isinstance(network, ExistingVpc):
        return well("they are made with the stack")
    ids = [*network.public_subnet_ids, *network.private_subnet_ids]
    found = situation.client("ec2").describe_subnets(SubnetIds=ids)["Subnets"]
    strangers = [each["SubnetId"] for each in found if each["VpcId"] != network.vpc_id]
    if strangers:
        return wrong(f"not in {network.vpc_id}: {', '.join(strangers)}")
    full = [each["SubnetId"] for each in found if each["AvailableIpAddressCount"] < _OF_A_BALANCER]
    return (
        wrong(f"fewer than 8 free addresses: {', '.join(full)}") if full else well("all are in it, with room")
    )


def addresses(situation: Situation) -> Answer:
    """Compare the addresses of the environment's new VPC with those of the team's others."""
    mine = _network(situation.environment)
    same = [
        each.name
        for each in situation.others
        if each.name != situation.environment.name
        and not isinstance(each.load_balancer, SharedLoadBalancer)
        and (theirs := _network(each))
        and mine
        and mine.overlaps(theirs)
    ]
    if same:
        return wrong(f"{mine} overlaps with {', '.join(same)}: these VPCs can never be connected")
    return well(f"{mine} is its own")


def mail(situation: Situation) -> Answer:
    """Tell whether anybody hears of alarms and failed deployments."""
    alarms = situation.environment.alarms
    if alarms.unheard:
        return wrong(f"{alarms.unheard}: nobody is told of alarms and failed deployments")
    return well(f"{alarms.email} is told")


def leftovers(situation: Situation) -> Answer:
    """Look for a stack whose first deploy failed, which no deploy can go on with."""
    status = _status(situation)
    if status in NEVER_COMPLETE:
        return wrong(f"{situation.environment.stack_name} is {status}: its first deploy failed")
    return well(f"{situation.environment.stack_name} is {status}" if status else "there is none yet")


def certificate_arns(environment: Environment) -> list[str]:
    """Return the certificates that the environment names, in its own region and for CloudFront."""
    arns = list(environment.domain.certificate_arns) if environment.domain else []
    balancer = environment.load_balancer
    if isinstance(balancer, NewLoadBalancer) and isinstance(balancer.ingress, CloudFront):
        arns.append(balancer.ingress.certificate_arn)
    return arns


def _network(environment: Environment) -> ipaddress.IPv4Network | None:
    network = environment.network
    return ipaddress.IPv4Network(network.cidr) if isinstance(network, NewVpc) else None


def _status(situation: Situation) -> str:
    try:
        return str(situation.deployed.description["StackStatus"])
    except NotDeployedError:
        return ""


def _name_servers(name: str) -> set[str] | None:
    """Return the name servers that the internet asks; None where no program here can tell."""
    if program := shutil.which("dig"):
        command = [program, "+short", "NS", name]
    elif program := shutil.which("nslookup"):
        command = [program, "-type=NS", name]
    else:
        return None
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 (found just now)
    words = (line.split()[-1] for line in done.stdout.splitlines() if "awsdns" in line or line.endswith("."))
    return {word.rstrip(".").lower() for word in words}
