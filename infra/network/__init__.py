"""Create or import the VPC of tasks, its subnets, and the way to the internet."""

from infra.network.network import Network

__all__ = ["Network"]
