"""Create the ECS service: capacity, deployments, scaling, and a shell into a task."""

from infra.compute.scaling import Scaling
from infra.compute.web_service import WebService

__all__ = ["Scaling", "WebService"]
