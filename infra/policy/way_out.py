"""Check that tasks can reach the registry of their images and the service of their log: rule `way-out`."""

import re
from collections.abc import Iterator
from typing import Any

from infra.parameters import EXEC_ENDPOINT, TASK_ENDPOINTS
from infra.policy.template import Container, Finding, Properties, containers, of_type

_EVERYWHERE = ("0.0.0.0/0", "::/0")
# The endpoint to which a collector sends traces.
# https://docs.aws.amazon.com/xray/latest/devguide/xray-security-vpc-endpoint.html
_TRACES = "xray"
# A template that is for any region has no such text.
_REGISTRY = re.compile(r"com\.amazonaws\.(?P<region>[a-z0-9-]+)\.ecr\.dkr")


def way_out_findings(template: Properties) -> Iterator[Finding]:
    """Yield each service whose tasks cannot start; subnets of an existing VPC are trusted."""
    for logical_id, service in of_type(template, "AWS::ECS::Service"):
        placement = _nested(service, "NetworkConfiguration", "AwsvpcConfiguration")
        public_ips = placement.get("AssignPublicIp") == "ENABLED"
        stuck = [
            subnet
            for subnet in _references(placement.get("Subnets"))
            if not _has_way_out(template, subnet, public_ips=public_ips)
        ]
        if not stuck:
            continue
        yield from _images_from_elsewhere(template, logical_id, service, stuck)
        needed = {*TASK_ENDPOINTS, "s3"}
        if any("awsxray" in str(each.variables) for each in _containers(template, service)):
            needed.add(_TRACES)
        if service.get("EnableExecuteCommand"):
            needed.add(EXEC_ENDPOINT)
        missing = sorted(needed - _endpoints(template))
        if missing:
            sentence = (
                f"tasks in {', '.join(stuck)} have no way to the internet and no endpoint for "
                f"{', '.join(missing)}: they could not pull their image, read secrets or write their log; "
                "choose another network.egress or add the endpoints"
            )
            yield Finding("way-out", logical_id, sentence)


def _images_from_elsewhere(
    template: Properties, logical_id: str, service: Properties, stuck: list[str]
) -> Iterator[Finding]:
    for container in _containers(template, service):
        image = container.definition.get("Image")
        if isinstance(image, str) and not any(each in image for each in _registries(template)):
            sentence = (
                f"tasks in {', '.join(stuck)} have no way to the internet, so that container "
                f"'{container.name}' cannot pull {image}: copy it to a repository of ECR in this region, or "
                "choose another network.egress"
            )
            yield Finding("way-out", logical_id, sentence)


def _containers(template: Properties, service: Properties) -> Iterator[Container]:
    definition = service.get("TaskDefinition")
    for container in containers(template):
        if isinstance(definition, dict) and definition.get("Ref") == container.logical_id:
            yield container


def _has_way_out(template: Properties, subnet: str, *, public_ips: bool) -> bool:
    associations = dict(of_type(template, "AWS::EC2::SubnetRouteTableAssociation")).values()
    tables = [each.get("RouteTableId") for each in associations if each.get("SubnetId") == {"Ref": subnet}]
    routes = [
        route
        for _, route in of_type(template, "AWS::EC2::Route")
        if route.get("RouteTableId") in tables and route.get("DestinationCidrBlock") in _EVERYWHERE
    ]
    # An internet gateway lets out only tasks with a public address.
    return any("GatewayId" not in route or public_ips for route in routes)


def _registries(template: Properties) -> set[str]:
    """Return what an image's name must have in it: an endpoint leads to the registries of one region."""
    asked = (_REGISTRY.fullmatch(name) for name in _endpoint_names(template))
    return {f".dkr.ecr.{each['region']}." for each in asked if each} or {".dkr.ecr."}


def _endpoint_names(template: Properties) -> list[str]:
    return [str(each.get("ServiceName")) for _, each in of_type(template, "AWS::EC2::VPCEndpoint")]


def _endpoints(template: Properties) -> set[str]:
    names = _endpoint_names(template)
    known = (*TASK_ENDPOINTS, "s3", EXEC_ENDPOINT, _TRACES)
    return {service for service in known for name in names if name.rstrip("'])}").endswith(f".{service}")}


def _nested(properties: Properties, *path: str) -> Properties:
    for key in path:
        found = properties.get(key)
        properties = found if isinstance(found, dict) else {}
    return properties


def _references(subnets: Any) -> list[str]:
    """Return the subnets that belong to this template."""
    listed = subnets if isinstance(subnets, list) else []
    return [each["Ref"] for each in listed if isinstance(each, dict) and isinstance(each.get("Ref"), str)]
