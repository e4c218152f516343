"""Store a web ACL's association with a load balancer, and its log; no request is filtered."""

from ministack.services import waf

from tools.local_cloud.emulator.resources import Made, Props, checked, register

_ASSOCIATION = "AWS::WAFv2::WebACLAssociation"


def _associate(_logical_id: str, props: Props, _stack: str) -> Made:
    wanted = {"WebACLArn": props["WebACLArn"], "ResourceArn": props["ResourceArn"]}
    checked(waf._associate_web_acl(wanted), _ASSOCIATION)
    return f"{props['WebACLArn']}|{props['ResourceArn']}", {}


def _log(_logical_id: str, props: Props, _stack: str) -> Made:
    (destination,) = props["LogDestinationConfigs"]
    # https://docs.aws.amazon.com/waf/latest/developerguide/logging-cw-logs.html
    if not destination.rpartition(":")[2].startswith("aws-waf-logs-"):
        raise ValueError(f"The name of the log destination {destination} must start with aws-waf-logs-")
    return props["ResourceArn"], {}


def install() -> None:
    """Register the resource types with the emulator."""
    register(
        _ASSOCIATION,
        create=_associate,
        delete=lambda _, props: waf._associations.pop(props["ResourceArn"], None),
    )
    register("AWS::WAFv2::LoggingConfiguration", create=_log, delete=lambda _id, _props: None)
