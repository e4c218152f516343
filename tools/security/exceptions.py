"""The register of exceptions from Security Hub's controls: what is accepted, where and why."""

from tools.security.accepted import EVERYWHERE, Accepted

_DESTROYED = "removal is 'destroy': this environment is made to be thrown away."
_ENDPOINTS = (
    "An endpoint costs about $8 a month in each zone (https://aws.amazon.com/privatelink/pricing/), "
    "and images come over TLS without it."
)

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
    Accepted("ELB.16", EVERYWHERE, "FrontDoorLoadBalancer", "No WAF."),
    Accepted("ELB.18", ("dev",), "FrontDoorLoadBalancerHttp", "As ELB.1: without a domain, no certificate."),
    Accepted(
        "ELB.18",
        ("staging", "prod"),
        "FrontDoorLoadBalancerHttp",
        "Port 80 redirects whoever types the name without https://, as ELB.1 asks.",
    ),
    Accepted("ELB.21", EVERYWHERE, "FrontDoorTargets", "As ELB.22."),
    Accepted("ELB.22", EVERYWHERE, "FrontDoorTargets", "Inside the VPC, from one security group to another."),
    Accepted(
        "S3.9",
        ("staging", "prod"),
        "FrontDoorAccessLogBucket",
        "Logs are what it holds; a log of reading the log would never end.",
    ),
)
