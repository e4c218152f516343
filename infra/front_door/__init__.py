"""How requests reach the tasks: load balancer, listeners, target groups, domain, CloudFront, firewall."""

from infra.front_door.choose import front_door_of
from infra.front_door.exports import lend
from infra.front_door.load_balancer import LoadBalancer
from infra.front_door.own import FrontDoor
from infra.front_door.second_target_group import Alternate, acknowledge_takeover
from infra.front_door.shared import SharedFrontDoor
from infra.front_door.target_group import TargetGroup

__all__ = [
    "Alternate",
    "FrontDoor",
    "LoadBalancer",
    "SharedFrontDoor",
    "TargetGroup",
    "acknowledge_takeover",
    "front_door_of",
    "lend",
]
