"""Where tasks run: a new VPC or one that exists, its subnets, and how tasks reach the internet."""

from infra.network.network import Network

__all__ = ["Network"]
