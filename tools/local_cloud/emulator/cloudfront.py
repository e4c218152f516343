"""Store CloudFront's VPC origins; requests enter by the load balancer's own port."""

from tools.local_cloud.emulator.resources import Made, Props, new_id, register


def _vpc_origin(_logical_id: str, props: Props, _stack: str) -> Made:
    origin = new_id("vo")
    return origin, {"Id": origin, "Arn": props["VpcOriginEndpointConfig"]["Arn"]}


def install() -> None:
    """Register the resource type with the emulator."""
    register("AWS::CloudFront::VpcOrigin", create=_vpc_origin, delete=lambda _id, _props: None)
