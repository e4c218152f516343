"""How requests reach the tasks: load balancer, listeners, target groups, domain, CloudFront, firewall."""

from infra.front_door.choose import add_front_door
from infra.front_door.exports import export_for_other_stacks
from infra.front_door.load_balancer import LoadBalancer
from infra.front_door.own import FrontDoor
from infra.front_door.second_target_group import SecondTargetGroup, acknowledge_blue_green
from infra.front_door.shared import SharedFrontDoor
from infra.front_door.target_group import TargetGroup

__all__ = [
    "FrontDoor",
    "LoadBalancer",
    "SecondTargetGroup",
    "SharedFrontDoor",
    "TargetGroup",
    "acknowledge_blue_green",
    "add_front_door",
    "export_for_other_stacks",
]
