"""Lead requests to the tasks: load balancer, target groups, domain, CloudFront, firewall."""

from infra.front_door.choose import add_front_door
from infra.front_door.exports import export_for_other_stacks
from infra.front_door.load_balancer import LoadBalancer
from infra.front_door.own import FrontDoor
from infra.front_door.shared import SharedFrontDoor
from infra.front_door.target_group import TargetGroup
from infra.front_door.target_groups import TargetGroups, acknowledge_blue_green, add_target_groups

__all__ = [
    "FrontDoor",
    "LoadBalancer",
    "SharedFrontDoor",
    "TargetGroup",
    "TargetGroups",
    "acknowledge_blue_green",
    "add_front_door",
    "add_target_groups",
    "export_for_other_stacks",
]
