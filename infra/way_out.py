"""The way out: whether tasks can pull their image and write their log, judged on a finished template."""

from collections.abc import Iterator
from typing import Any

from infra.environment.egress import EXEC_ENDPOINT, TASK_ENDPOINTS

Resources = dict[str, dict[str, Any]]

_EVERYWHERE = ("0.0.0.0/0", "::/0")


def blocked_services(resources: Resources) -> Iterator[tuple[str, str]]:
    """Logical id and sentence of each service whose tasks cannot start; subnets known by id are trusted."""
    for logical_id, service in _of(resources, "AWS::ECS::Service"):
        placement = service["NetworkConfiguration"]["AwsvpcConfiguration"]
        public_ips = placement.get("AssignPublicIp") == "ENABLED"
        subnets = [each["Ref"] for each in placement["Subnets"] if isinstance(each, dict) and "Ref" in each]
        stuck = [each for each in subnets if not _has_way_out(resources, each, public_ips=public_ips)]
        if not stuck:
            continue
        needed = {*TASK_ENDPOINTS, "s3"}
        if service.get("EnableExecuteCommand"):
            needed.add(EXEC_ENDPOINT)
        missing = sorted(needed - _endpoints(resources))
        if missing:
            sentence = (
                f"tasks in {', '.join(stuck)} have no way to the internet and no endpoint for "
                f"{', '.join(missing)}: they could not pull their image, read secrets or write their log; "
                "choose another network.egress or add the endpoints"
            )
            yield logical_id, sentence


def _has_way_out(resources: Resources, subnet: str, *, public_ips: bool) -> bool:
    tables = [
        association["RouteTableId"]
        for _, association in _of(resources, "AWS::EC2::SubnetRouteTableAssociation")
        if association["SubnetId"] == {"Ref": subnet}
    ]
    routes = [
        route
        for _, route in _of(resources, "AWS::EC2::Route")
        if route["RouteTableId"] in tables and route.get("DestinationCidrBlock") in _EVERYWHERE
    ]
    # Through an internet gateway only what has a public address gets out.
    return any("GatewayId" not in route or public_ips for route in routes)


def _endpoints(resources: Resources) -> set[str]:
    names = [str(each["ServiceName"]) for _, each in _of(resources, "AWS::EC2::VPCEndpoint")]
    known = (*TASK_ENDPOINTS, "s3", EXEC_ENDPOINT)
    return {service for service in known for name in names if name.rstrip("'])}").endswith(f".{service}")}


def _of(resources: Resources, type_name: str) -> Iterator[tuple[str, dict[str, Any]]]:
    for logical_id, resource in resources.items():
        if resource["Type"] == type_name:
            yield logical_id, resource["Properties"]
