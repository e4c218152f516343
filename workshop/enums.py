"""Write infra/policy/refused/enums.json: the lists of values that cfn-lint's resource schemas hold.

Only of types that environments, recipes and their neighbours use: a synth reads the file each time.
"""

import json
import sys
from collections.abc import Iterator
from typing import Any

from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER

from infra.policy.refused.enums import LISTS

# Services whose types are all taken, and single types of large services.
SERVICES = (
    *("ApplicationAutoScaling", "Budgets", "CertificateManager", "CloudWatch", "ECR", "ECS", "EFS", "Events"),
    *("ElasticLoadBalancingV2", "IAM", "KMS", "Lambda", "Logs", "Route53", "Scheduler", "SecretsManager"),
    *("SNS", "SQS", "SSM", "ServiceDiscovery"),
)
TYPES = (
    *("AWS::CloudFront::Distribution", "AWS::CloudFront::VpcOrigin", "AWS::DynamoDB::Table", "AWS::EC2::EIP"),
    *("AWS::EC2::FlowLog", "AWS::EC2::NatGateway", "AWS::EC2::SecurityGroup", "AWS::EC2::VPC"),
    *("AWS::EC2::VPCEndpoint", "AWS::ElastiCache::ReplicationGroup", "AWS::RDS::DBCluster"),
    *("AWS::RDS::DBInstance", "AWS::S3::Bucket", "AWS::WAFv2::LoggingConfiguration"),
)
_DEEPEST = 8


def lists() -> str:
    """Return the text of the file."""
    region = "eu-west-1"
    known = PROVIDER_SCHEMA_MANAGER.get_resource_types(region)
    wanted = sorted({each for each in known if each.split("::")[1] in SERVICES} | set(TYPES))
    found = {}
    for kind in wanted:
        schema = PROVIDER_SCHEMA_MANAGER.get_resource_schema(region, kind).schema
        if paths := dict(_paths(schema, {"properties": schema.get("properties", {})}, "", 0)):
            found[kind] = paths
    return json.dumps(found, indent=0, sort_keys=True, separators=(",", ":")) + "\n"


def _paths(schema: dict[str, Any], node: Any, path: str, depth: int) -> Iterator[tuple[str, list[Any]]]:
    while isinstance(node, dict) and str(node.get("$ref", "")).startswith("#/"):
        target: Any = schema
        for part in node["$ref"][2:].split("/"):
            target = target.get(part, {})
        node = target
    if not isinstance(node, dict) or depth > _DEEPEST:
        return
    if node.get("enum") and path:
        yield path, node["enum"]
    for name, value in (node.get("properties") or {}).items():
        yield from _paths(schema, value, f"{path}.{name}" if path else name, depth + 1)
    if "items" in node:
        yield from _paths(schema, node["items"], f"{path}[]", depth + 1)


if __name__ == "__main__":
    LISTS.write_text(lists())
    sys.exit(0)
