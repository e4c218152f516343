"""The association of a WAF web ACL with a load balancer. The emulator stores it; no request is filtered."""

from ministack.services import waf

from tools.local_cloud.emulator.resources import Made, Props, checked, register

_TYPE = "AWS::WAFv2::WebACLAssociation"


def _associate(_logical_id: str, props: Props, _stack: str) -> Made:
    wanted = {"WebACLArn": props["WebACLArn"], "ResourceArn": props["ResourceArn"]}
    checked(waf._associate_web_acl(wanted), _TYPE)
    return f"{props['WebACLArn']}|{props['ResourceArn']}", {}


def install() -> None:
    """Register the type."""
    register(
        _TYPE, create=_associate, delete=lambda _, props: waf._associations.pop(props["ResourceArn"], None)
    )
