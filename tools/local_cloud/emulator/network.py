"""Add the EC2 types that ministack lacks: addresses, NAT gateways, flow logs, IPv6, security group rules."""

from typing import Any

from ministack.core.responses import get_account_id
from ministack.services import ec2

from tools.local_cloud.emulator.resources import HANDLERS, Create, Delete, Made, Props, new_id, register

# AWS gives each VPC a /56 of its own; nothing here is ever sent to it. https://www.rfc-editor.org/rfc/rfc3849
_IPV6 = "2001:db8::/56"
_create_vpc = HANDLERS["AWS::EC2::VPC"]["create"]


def _keep_tags(physical_id: str, props: Props) -> None:
    if props.get("Tags"):
        ec2._tags[physical_id] = [{"Key": tag["Key"], "Value": tag["Value"]} for tag in props["Tags"]]


def _create_address(_logical_id: str, props: Props, _stack: str) -> Made:
    allocation, address = new_id("eipalloc"), ec2._random_ip("52.")
    empty = dict.fromkeys(("AssociationId", "InstanceId", "NetworkInterfaceId", "PrivateIpAddress"))
    ec2._addresses[allocation] = {
        **empty,
        "AllocationId": allocation,
        "PublicIp": address,
        "Domain": props.get("Domain", "vpc"),
    }
    _keep_tags(allocation, props)
    return address, {"AllocationId": allocation, "PublicIp": address}


def _delete_address(physical_id: str, _props: Props) -> None:
    for allocation in [key for key, value in ec2._addresses.items() if value["PublicIp"] == physical_id]:
        del ec2._addresses[allocation]


def _create_nat_gateway(_logical_id: str, props: Props, _stack: str) -> Made:
    # A regional NAT gateway names its VPC instead of a subnet.
    subnet = ec2._subnets.get(props.get("SubnetId"))
    if "SubnetId" in props and not subnet:
        raise ValueError(f"The subnet ID '{props['SubnetId']}' does not exist")
    if props.get("AllocationId") and props["AllocationId"] not in ec2._addresses:
        raise ValueError(f"Elastic IP address '{props['AllocationId']}' not found")
    gateway = new_id("nat")
    ec2._nat_gateways[gateway] = {
        "NatGatewayId": gateway,
        "SubnetId": props.get("SubnetId", ""),
        "VpcId": subnet["VpcId"] if subnet else props.get("VpcId", ""),
        "AllocationId": props.get("AllocationId"),
        "ConnectivityType": props.get("ConnectivityType", "public"),
        "State": "available",
        "CreateTime": ec2._now_ts(),
        "Tags": props.get("Tags", []),
    }
    _keep_tags(gateway, props)
    return gateway, {"NatGatewayId": gateway}


def _create_flow_log(_logical_id: str, props: Props, _stack: str) -> Made:
    flow_log = new_id("fl")
    ec2._flow_logs[flow_log] = {
        "FlowLogId": flow_log,
        "ResourceId": props["ResourceId"],
        "ResourceType": props["ResourceType"],
        "TrafficType": props.get("TrafficType", "ALL"),
        "LogDestinationType": props.get("LogDestinationType", "cloud-watch-logs"),
        "LogDestination": props.get("LogDestination") or props.get("LogGroupName"),
        "FlowLogStatus": "ACTIVE",
        "CreationTime": ec2._now_ts(),
    }
    _keep_tags(flow_log, props)
    return flow_log, {"Id": flow_log}


def _security_group_rule(props: Props, other_group: str) -> dict[str, Any]:
    rule: dict[str, Any] = {"IpProtocol": str(props["IpProtocol"])}
    rule |= {"IpRanges": [], "Ipv6Ranges": [], "PrefixListIds": [], "UserIdGroupPairs": []}
    rule |= {port: int(props[port]) for port in ("FromPort", "ToPort") if props.get(port) is not None}
    described = {"Description": props["Description"]} if props.get("Description") else {}
    if props.get("CidrIp"):
        rule["IpRanges"].append({"CidrIp": props["CidrIp"], **described})
    if props.get("CidrIpv6"):
        rule["Ipv6Ranges"].append({"CidrIpv6": props["CidrIpv6"], **described})
    if props.get("SourcePrefixListId"):
        rule["PrefixListIds"].append({"PrefixListId": props["SourcePrefixListId"], **described})
    if props.get(other_group):
        pair = {"GroupId": props[other_group], "UserId": get_account_id(), **described}
        rule["UserIdGroupPairs"].append(pair)
    return rule


def _security_group_rules(permissions: str, other_group: str, *, egress: bool) -> tuple[Create, Delete]:
    def create(_logical_id: str, props: Props, _stack: str) -> Made:
        group = ec2._security_groups.get(props["GroupId"])
        if not group:
            raise ValueError(f"The security group '{props['GroupId']}' does not exist")
        rule = _security_group_rule(props, other_group)
        rule["SecurityGroupRuleId"] = ec2._sg_rule_id(props["GroupId"], egress, rule)
        group[permissions].append(rule)
        return rule["SecurityGroupRuleId"], {"Id": rule["SecurityGroupRuleId"]}

    def delete(physical_id: str, props: Props) -> None:
        group = ec2._security_groups.get(props.get("GroupId"), {})
        rules = group.get(permissions, [])
        rules[:] = [rule for rule in rules if rule.get("SecurityGroupRuleId") != physical_id]

    return create, delete


def _create_vpc_with_ipv6(logical_id: str, props: Props, stack: str) -> Made:
    physical_id, attributes = _create_vpc(logical_id, props, stack)
    return physical_id, {**attributes, "Ipv6CidrBlocks": [_IPV6]}


def _named(physical_id: str) -> Made:
    return physical_id, {"Id": physical_id}


def _empty_default_group(_logical_id: str, props: Props, _stack: str) -> Made:
    group = ec2._security_groups[props["DefaultSecurityGroupId"]]
    group["IpPermissions"].clear()
    group["IpPermissionsEgress"].clear()
    return "restrict-" + props["DefaultSecurityGroupId"], {}


def install() -> None:
    """Register the types of this module."""
    HANDLERS["AWS::EC2::VPC"]["create"] = _create_vpc_with_ipv6
    register(
        "AWS::EC2::VPCCidrBlock",
        create=lambda _id, props, _stack: (f"{props['VpcId']}|{_IPV6}", {"Id": new_id("vpc-cidr-assoc")}),
        delete=lambda _id, _props: None,
    )
    register("AWS::EC2::EIP", create=_create_address, delete=_delete_address)
    register(
        "AWS::EC2::NatGateway",
        create=_create_nat_gateway,
        delete=lambda physical_id, _: ec2._nat_gateways.pop(physical_id, None),
    )
    register(
        "AWS::EC2::FlowLog",
        create=_create_flow_log,
        delete=lambda physical_id, _: ec2._flow_logs.pop(physical_id, None),
    )
    register(
        "AWS::EC2::EgressOnlyInternetGateway",
        create=lambda _id, _props, _stack: _named(new_id("eigw")),
        delete=lambda _id, _props: None,
    )
    register(
        "AWS::EC2::VPCPeeringConnection",
        create=lambda _id, _props, _stack: _named(new_id("pcx")),
        delete=lambda _id, _props: None,
    )
    ingress = _security_group_rules("IpPermissions", "SourceSecurityGroupId", egress=False)
    egress = _security_group_rules("IpPermissionsEgress", "DestinationSecurityGroupId", egress=True)
    register("AWS::EC2::SecurityGroupIngress", create=ingress[0], delete=ingress[1])
    register("AWS::EC2::SecurityGroupEgress", create=egress[0], delete=egress[1])
    # The CDK's own custom resource; its Lambda needs an SDK that this machine does not have.
    register("Custom::VpcRestrictDefaultSG", create=_empty_default_group, delete=lambda _id, _props: None)
