"""Find what stands around a service: the addresses that it goes out by, and its database."""

from typing import Any, TypedDict

from infra.parameters import Postgres
from tools.environments import find
from tools.operate.deployed import Deployed
from tools.stack_resources import held


class Outgoing(TypedDict):
    """The addresses that others see, and whether they stay."""

    addresses: list[str]
    stay: bool


def outgoing(deployed: Deployed, tasks: list[dict[str, Any]]) -> Outgoing:
    """Return the addresses of NAT gateways, which stay, or of the tasks themselves, which do not."""
    ec2 = deployed.client("ec2")
    if gateways := deployed.resources("AWS::EC2::NatGateway"):
        found = ec2.describe_nat_gateways(NatGatewayIds=gateways)["NatGateways"]
        given = [item for each in found for item in each.get("NatGatewayAddresses", [])]
    else:
        details = [item for task in tasks for each in task["attachments"] for item in each.get("details", [])]
        interfaces = [item["value"] for item in details if item["name"] == "networkInterfaceId"]
        found = (
            ec2.describe_network_interfaces(NetworkInterfaceIds=interfaces)["NetworkInterfaces"]
            if interfaces
            else []
        )
        given = [each.get("Association", {}) for each in found]
    return Outgoing(
        addresses=sorted({item["PublicIp"] for item in given if item.get("PublicIp")}), stay=bool(gateways)
    )


class Database(TypedDict):
    """A database of the environment, as RDS describes it."""

    name: str
    state: str
    engine: str
    size: str
    zones: int


def databases(deployed: Deployed) -> list[Database]:
    """Return the databases of the environment's data stack, if it has one."""
    environment = find(deployed.environment)
    if not isinstance(environment.database, Postgres):
        return []
    resources = held(deployed.client("cloudformation"), environment.data_stack_name)
    rds = deployed.client("rds")
    return [
        Database(
            name=each["DBInstanceIdentifier"],
            state=each["DBInstanceStatus"],
            engine=f"{each['Engine']} {each['EngineVersion']}",
            size=each["DBInstanceClass"],
            zones=2 if each.get("MultiAZ") else 1,
        )
        for kind, physical in resources.values()
        if kind == "AWS::RDS::DBInstance"
        for each in rds.describe_db_instances(DBInstanceIdentifier=physical)["DBInstances"]
    ]
