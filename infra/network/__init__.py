"""The network of tasks: a new VPC or an existing one, its subnets, and the way to the internet."""

from infra.network.network import Network

__all__ = ["Network"]
