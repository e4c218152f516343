"""A front door with values of its own, for tests that change one of them."""

from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from aws_cdk.assertions import Template

from infra.environment_parts import Domain
from infra.front_door import FrontDoor
from infra.timeouts import Timeouts

ZONE = Domain(name="app.test.dev", hosted_zone_id="Z1", hosted_zone_name="test.dev")


def front_door(stack: cdk.Stack, vpc: ec2.Vpc, **changes: Any) -> Template:
    values: dict[str, Any] = {
        "target_port": 8000,
        "health_path": "/healthz",
        "timeouts": Timeouts(longest_request_s=30),
        "domain": ZONE,
        "access_log_days": None,
        "removal_policy": cdk.RemovalPolicy.DESTROY,
    }
    FrontDoor(stack, "FrontDoor", vpc=vpc, **{**values, **changes})
    return Template.from_stack(stack)
