"""What the last synth made, environment beside environment, read from the templates in cdk.out."""

import argparse
from collections import Counter

from rich.console import Console
from rich.table import Table

from tools.assembly import Template, of_type, service_task, templates


def facts(template: Template) -> dict[str, str]:
    """What a reviewer asks first of a template, as label and answer."""
    task = service_task(template)
    (service,) = of_type(template, "AWS::ECS::Service")
    (scaling,) = of_type(template, "AWS::ApplicationAutoScaling::ScalableTarget")
    url = template["Outputs"]["Url"]["Value"]
    return {
        "URL": url if isinstance(url, str) else "http://<load balancer> (no TLS)",
        "tasks": f"{scaling['MinCapacity']}-{scaling['MaxCapacity']}",
        "size": f"{int(task['Cpu']) / 1024:g} vCPU, {task['Memory']} MiB, {_architecture(task)}",
        "capacity": _capacity(service["CapacityProviderStrategy"]),
        "egress": _egress(template, service),
        "resources": str(len(template["Resources"])),
    }


def kinds(template: Template) -> Counter[str]:
    """How many resources there are of each kind; a kind is an AWS service such as EC2."""
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


def _architecture(task: Template) -> str:
    return str(task["RuntimePlatform"]["CpuArchitecture"])


def _capacity(strategies: list[Template]) -> str:
    shares = {each["CapacityProvider"]: (each.get("Base", 0), each.get("Weight", 0)) for each in strategies}
    base, weight = shares["FARGATE"]
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
    answers = [facts(template) for template in made.values()]
    for label in answers[0]:
        table.add_row(label, *(answer[label] for answer in answers))
    counts = [kinds(template) for template in made.values()]
    for kind, _ in sum(counts, Counter()).most_common():
        table.add_row(f"  {kind}", *(str(count[kind] or "-") for count in counts))
    console.print(table)


if __name__ == "__main__":
    main()
