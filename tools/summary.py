"""Show what the last synth made, environment beside environment, from the templates in cdk.out."""

import argparse
from collections import Counter
from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

from infra.elsewhere import RefusedError, refuse
from infra.parameters import Environment
from tools.assembly import Service, Template, of_type, services, templates, without_hash
from tools.elsewhere.cost import cost as cost_elsewhere
from tools.elsewhere.images import images
from tools.elsewhere.places import places
from tools.environments import find
from tools.review.cost import cost


def facts(template: Template) -> dict[str, str]:
    """Return what a reviewer asks first of a template, by label; sizes are those of the web service."""
    service, *others = services(template)
    url = template["Outputs"]["Url"]["Value"]
    return {
        "URL": url if isinstance(url, str) else "http://<load balancer> (no TLS)",
        "tasks": _bounds(service),
        "size": _size(service.task),
        "capacity": _capacity(service.properties.get("CapacityProviderStrategy", [])),
        "egress": _egress(template, service.properties),
        **_database(template),
        **_cache(template),
        **({"beside it": _beside(others)} if others else {}),
        "resources": str(len(template["Resources"])),
    }


def monthly(template: Template, *, region: str) -> str:
    """Return the list price of a month in USD with the fewest and the most tasks, without traffic."""
    price = cost(template, region=region)
    return f"{price.at_min:,.0f}-{price.at_max:,.0f}"


def elsewhere(environments: Sequence[Environment]) -> dict[str, list[str]]:
    """Return a row for each place beside AWS in which one of them is to be, by its list prices."""
    rows: dict[str, list[str]] = {}
    for number, environment in enumerate(environments):
        for place in places(environment):
            row = rows.setdefault(f"  on {place.title}", ["-"] * len(environments))
            try:
                refuse(environment, place)
            except RefusedError:
                row[number] = "refused"
            else:
                row[number] = cost_elsewhere(environment, place, images(environment, place)).bounds
    return rows


def kinds(template: Template) -> Counter[str]:
    """Count the resources of each AWS service, such as EC2."""
    types = (resource["Type"].split("::") for resource in template["Resources"].values())
    return Counter("custom" if parts[0] == "Custom" else parts[1] for parts in types)


def _egress(template: Template, service: Template) -> str:
    if service["NetworkConfiguration"]["AwsvpcConfiguration"]["AssignPublicIp"] == "ENABLED":
        return "public IPs"
    gateways = of_type(template, "AWS::EC2::NatGateway")
    if any(gateway.get("AvailabilityMode") == "regional" for gateway in gateways):
        return "regional NAT gateway"
    if gateways:
        return f"NAT gateways: {len(gateways)}"
    endpoints = of_type(template, "AWS::EC2::VPCEndpoint")
    return f"endpoints: {len(endpoints)}" if endpoints else "as the VPC has it"


def _database(template: Template) -> dict[str, str]:
    instances = of_type(template, "AWS::RDS::DBInstance")
    for each in of_type(template, "AWS::RDS::DBCluster"):
        scaled = each["ServerlessV2ScalingConfiguration"]
        size = f"{scaled['MinCapacity']:g} to {scaled['MaxCapacity']:g} ACU"
        pause = scaled.get("SecondsUntilAutoPause")
        zones = "two zones" if len(instances) > 1 else "one zone"
        rest = f", pauses after {pause} s" if pause else ""
        return {"database": f"{each['Engine']} {each['EngineVersion']}, {size}, {zones}{rest}"}
    for each in instances:
        zones = "two zones" if each.get("MultiAZ") else "one zone"
        size = each["DBInstanceClass"].removeprefix("db.")
        return {"database": f"{each['Engine']} {each['EngineVersion']}, {size}, {zones}"}
    return {}


def _cache(template: Template) -> dict[str, str]:
    for each in of_type(template, "AWS::ElastiCache::ServerlessCache"):
        most = each["CacheUsageLimits"]["DataStorage"]["Maximum"]
        return {"cache": f"{each['Engine']} {each['MajorEngineVersion']}, {most} GB at most"}
    return {}


def _beside(others: list[Service]) -> str:
    return ", ".join(f"{without_hash(each.logical_id)} {_bounds(each)}" for each in others)


def _bounds(service: Service) -> str:
    return f"{service.min_tasks}-{service.max_tasks}"


def _size(task: Template) -> str:
    architecture = task["RuntimePlatform"]["CpuArchitecture"]
    return f"{int(task['Cpu']) / 1024:g} vCPU, {task['Memory']} MiB, {architecture}"


def _capacity(strategies: list[Template]) -> str:
    shares = {each["CapacityProvider"]: (each.get("Base", 0), each.get("Weight", 0)) for each in strategies}
    base, weight = shares.get("FARGATE", (0, 0 if shares else 1))
    if weight:
        return "Fargate"
    return f"Fargate {base}, Spot above" if base else "Spot"


def main() -> None:
    """Print the table."""
    argparse.ArgumentParser(prog="make synth", description=__doc__).parse_args()
    made = templates()
    console = Console()
    if not console.is_terminal:
        console.width = 40 * (1 + len(made))
    table = Table(box=None, pad_edge=False, padding=(0, 3, 0, 0))
    for heading in ("", *made):
        table.add_column(heading, style=None if heading else "dim", no_wrap=True)
    prices = [monthly(template, region=find(name).region) for name, template in made.items()]
    table.add_row("USD a month", *prices)
    for label, row in elsewhere([find(name) for name in made]).items():
        table.add_row(label, *row)
    answers = [facts(template) for template in made.values()]
    for label in dict.fromkeys(label for answer in answers for label in answer):
        table.add_row(label, *(answer.get(label, "-") for answer in answers))
    counts = [kinds(template) for template in made.values()]
    for kind, _ in sum(counts, Counter()).most_common():
        table.add_row(f"  {kind}", *(str(count[kind] or "-") for count in counts))
    console.print(table)


if __name__ == "__main__":
    main()
