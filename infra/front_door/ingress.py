"""List the peers of an ingress for the load balancer's security group."""

import ipaddress

from aws_cdk import aws_ec2 as ec2

from infra.network import Network
from infra.parameters import CLOUDFRONT_PREFIX_LIST_IDS, Cidrs, CloudFront, Ingress, InsideVpc, Internet


def peers(ingress: Ingress, network: Network, region: str) -> list[ec2.IPeer]:
    """Return the peers that the load balancer's security group admits."""
    match ingress:
        case Internet():
            return [ec2.Peer.any_ipv4(), ec2.Peer.any_ipv6()] if network.dual_stack else [ec2.Peer.any_ipv4()]
        case Cidrs():
            return [_peer(cidr) for cidr in ingress.cidrs]
        case InsideVpc():
            return [_peer(cidr) for cidr in (network.cidr, *ingress.cidrs)]
        case CloudFront():
            return [ec2.Peer.prefix_list(CLOUDFRONT_PREFIX_LIST_IDS[region])]


def _peer(cidr: str) -> ec2.IPeer:
    return ec2.Peer.ipv6(cidr) if ipaddress.ip_network(cidr).version == 6 else ec2.Peer.ipv4(cidr)
