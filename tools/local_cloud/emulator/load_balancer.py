"""Tell targets of a target group apart by port, and drain them before they go.

Every task runs on 127.0.0.1, so targets differ by port; ministack compares addresses alone. A deregistered
target gets no new request, and is `draining` while requests are in flight, for the deregistration delay at
most. Targets of an HTTPS group are reached by TLS and, as on AWS, their certificates are not validated.
"""

import collections
import html
import http.client
import ssl
import time
import weakref
from contextvars import ContextVar
from typing import Any

from ministack.core.responses import StreamingResponse
from ministack.services import alb, ec2

from tools.local_cloud.emulator import websockets
from tools.local_cloud.emulator.resources import HANDLERS, Made, Props, register, substitute

Target = tuple[str, str, int]

_UNVERIFIED = ssl._create_unverified_context()  # noqa: S323 (as load balancers do)
_to_tls: ContextVar[bool] = ContextVar("to_tls", default=False)
_in_flight: collections.Counter[Target] = collections.Counter()
_drained_at: dict[Target, float] = {}
_proxy = alb._proxy_http_target
_action = alb._action_xml
_create = HANDLERS["AWS::ElasticLoadBalancingV2::LoadBalancer"]["create"]
_create_group = HANDLERS["AWS::ElasticLoadBalancingV2::TargetGroup"]["create"]


def _target(group: str, target: Props) -> Target:
    return group, target["Id"], int(target.get("Port") or alb._tgs[group].get("Port", 80))


def _delay_s(group: str) -> float:
    attributes = {item["Key"]: item["Value"] for item in alb._tg_attrs.get(group, [])}
    return float(attributes.get("deregistration_delay.timeout_seconds", 300))


def _register(params: Props) -> Any:
    group = alb._p(params, "TargetGroupArn")
    if group not in alb._tgs:
        return alb._error("TargetGroupNotFound", f"Target group '{group}' not found.")
    registered = alb._targets.setdefault(group, [])
    known = {_target(group, item) for item in registered}
    for target in alb._parse_targets_param(params):
        key = _target(group, target)
        _drained_at.pop(key, None)
        if key not in known:
            registered.append({"Id": key[1], "Port": key[2]})
    return alb._empty("RegisterTargets")


def _deregister(params: Props) -> Any:
    group = alb._p(params, "TargetGroupArn")
    if group not in alb._tgs:
        return alb._error("TargetGroupNotFound", f"Target group '{group}' not found.")
    leaving = {_target(group, target) for target in alb._parse_targets_param(params)}
    registered = alb._targets.get(group, [])
    for target in registered:
        if _target(group, target) in leaving:
            _drained_at[_target(group, target)] = time.monotonic() + _delay_s(group)
    alb._targets[group] = [target for target in registered if _target(group, target) not in leaving]
    return alb._empty("DeregisterTargets")


def _describe_health(params: Props) -> Any:
    group = alb._p(params, "TargetGroupArn")
    if group not in alb._tgs:
        return alb._error("TargetGroupNotFound", f"Target group '{group}' not found.")
    for key, ends_at in list(_drained_at.items()):
        if not _in_flight[key] or time.monotonic() > ends_at:
            del _drained_at[key]
    states = {_target(group, target): "<State>healthy</State>" for target in alb._targets.get(group, [])}
    draining = "<State>draining</State><Reason>Target.DeregistrationInProgress</Reason>"
    states |= {key: draining for key in _drained_at if key[0] == group}
    wanted = {_target(group, target) for target in alb._parse_targets_param(params)}
    members = "".join(
        f"<member><Target><Id>{key[1]}</Id><Port>{key[2]}</Port></Target>"
        f"<HealthCheckPort>{key[2]}</HealthCheckPort><TargetHealth>{state}</TargetHealth></member>"
        for key, state in states.items()
        if not wanted or key in wanted
    )
    answer = f"<TargetHealthDescriptions>{members}</TargetHealthDescriptions>"
    return alb._xml(200, "DescribeTargetHealth", answer)


def _ended(key: Target) -> None:
    _in_flight[key] -= 1
    if not _in_flight[key]:
        del _in_flight[key]


class _TargetConnection(http.client.HTTPConnection):
    """A connection to a target that also speaks TLS, which stock ministack's cannot."""

    def connect(self) -> None:
        """Connect, by TLS if the target group says so."""
        super().connect()
        if _to_tls.get():
            self.sock = _UNVERIFIED.wrap_socket(self.sock)


async def _forward(target: Props, group: Props, *request: Any) -> Any:
    """Forward as stock ministack does, counting the request until its last byte is out."""
    key = _target(group["TargetGroupArn"], target)
    _to_tls.set(group.get("Protocol") == "HTTPS")
    pass_on = websockets.connect if websockets.idle_s.get() else _proxy
    _in_flight[key] += 1
    try:
        status, headers, body = await pass_on(target, group, *request)
    except BaseException:
        _ended(key)
        raise
    if not isinstance(body, StreamingResponse):
        _ended(key)
        return status, headers, body
    send_body = body.runner

    async def run(send: Any, receive: Any) -> None:
        try:
            await send_body(send, receive)
        finally:
            ended()

    # If the client has left, the answer is dropped and not sent; a finalizer runs once in both cases.
    ended = weakref.finalize(run, _ended, key)
    return status, headers, StreamingResponse(run)


def _load_balancer(logical_id: str, props: Props, stack: str) -> Made:
    """Take the VPC from the subnets; stock ministack makes one up."""
    arn, attributes = _create(logical_id, props, stack)
    subnet = ec2._subnets.get(next(iter(props.get("Subnets") or []), None))
    if subnet:
        alb._lbs[arn]["VpcId"] = subnet["VpcId"]
    return arn, attributes


def _target_group(logical_id: str, props: Props, stack: str) -> Made:
    """Register the targets that the template names, such as a function; stock ministack forgets them."""
    arn, attributes = _create_group(logical_id, props, stack)
    alb._targets.setdefault(arn, []).extend({"Id": each["Id"]} for each in props.get("Targets") or [])
    return arn, attributes


def _add_certificates(_logical_id: str, props: Props, _stack: str) -> Made:
    """Note certificates beside a listener's own; TLS itself is not spoken here."""
    if props["ListenerArn"] not in alb._listeners:
        raise ValueError(f"The listener '{props['ListenerArn']}' does not exist")
    return f"{props['ListenerArn']}|{len(props['Certificates'])}", {}


def _action_in_xml(action: Props) -> str:
    """Escape a fixed response's page, which stock ministack puts into its answers as it is."""
    fixed = action.get("FixedResponseConfig", {})
    escaped = {**fixed, "MessageBody": html.escape(fixed.get("MessageBody", ""))}
    return str(_action({**action, "FixedResponseConfig": escaped} if fixed else action))


def install() -> None:
    """Replace the three target actions, count what is in flight, and speak TLS to targets."""
    alb._ACTION_MAP |= {
        "RegisterTargets": _register,
        "DeregisterTargets": _deregister,
        "DescribeTargetHealth": _describe_health,
    }
    substitute(alb, "_proxy_http_target", _forward)
    substitute(alb, "_action_xml", _action_in_xml)
    substitute(http.client, "HTTPConnection", _TargetConnection)
    register(
        "AWS::ElasticLoadBalancingV2::ListenerCertificate",
        create=_add_certificates,
        delete=lambda _id, _props: None,
    )
    HANDLERS["AWS::ElasticLoadBalancingV2::LoadBalancer"]["create"] = _load_balancer
    HANDLERS["AWS::ElasticLoadBalancingV2::TargetGroup"]["create"] = _target_group
