"""The register of exceptions from Security Hub's controls: what is accepted, where and why."""

from tools.security.accepted import EVERYWHERE, WHERE_THERE_IS_ONE, Accepted

_DESTROYED = "removal is 'destroy': this environment is made to be thrown away."
_ENDPOINTS = "infra/parameters/egress.py has what endpoints cost; images come over TLS without them."

EXCEPTIONS = (
    Accepted("CloudFormation.3", ("dev", "staging"), "the stack", _DESTROYED),
    Accepted("EC2.6", ("dev",), "NetworkVpc", "Paid by the gigabyte; dev has no traffic to explain."),
    Accepted("EC2.55", EVERYWHERE, "NetworkVpc", _ENDPOINTS),
    Accepted("EC2.56", EVERYWHERE, "NetworkVpc", _ENDPOINTS),
    Accepted("ECS.2", ("dev",), "WebService", "Saves a NAT gateway; only the load balancer gets in."),
    Accepted("ECS.12", ("dev",), "WebCapacityCluster", "Paid by the metric; dev has the load balancer's."),
    Accepted("ELB.1", ("dev",), "FrontDoorLoadBalancerHttp", "Without a domain there is no certificate."),
    Accepted("ELB.5", ("dev",), "FrontDoorLoadBalancer", "The service logs dev's requests itself."),
    Accepted("ELB.6", ("dev", "staging"), "FrontDoorLoadBalancer", _DESTROYED),
    Accepted("ELB.16", ("dev",), "FrontDoorLoadBalancer", "Paid by the month and by the request."),
    Accepted("ELB.18", ("dev",), "FrontDoorLoadBalancerHttp", "As ELB.1: without a domain, no certificate."),
    Accepted(
        "ELB.18",
        ("staging", "prod"),
        "FrontDoorLoadBalancerHttp",
        "Port 80 redirects whoever types the name without https://, as ELB.1 asks.",
    ),
    Accepted("ELB.21", ("dev",), "Targets", "Without TLS in front, TLS behind would hide nothing."),
    Accepted("ELB.22", ("dev",), "Targets", "As ELB.21."),
    Accepted(
        "S3.9",
        ("staging", "prod"),
        "FrontDoorLoadBalancerLogsBucket",
        "Logs are what it holds; a log of reading the log would never end.",
    ),
    Accepted(
        "SecretsManager.1",
        WHERE_THERE_IS_ONE,
        "Secrets*",
        "What rotates a secret depends on what it is for; a new value rolls the service.",
    ),
)
