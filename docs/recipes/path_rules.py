"""Path rules: treat some paths or hosts differently, by rules of the HTTPS listener.

For a prefix that only an office may see, a redirect of an old host or path, or a prefix that another
service answers. Free for up to ten rules a request; more count as load balancer capacity. Not a lock: the
load balancer compares paths as clients wrote them, and only Flask reads `/%61dmin` as `/admin`, so the app
must still check who is asking.

    if stack.parameters.name == "prod":
        rules = PathRules(stack, "PathRules")
        rules.allow_only(prefix="/admin", cidrs=["203.0.113.0/24"])
        rules.redirect(host="example.com", to_host="www.example.com")
        rules.forward(prefix="/api", target_group=api.target_group)

The first rule that matches decides; the rules have the order of these lines.
"""

from collections.abc import Sequence
from typing import Literal, cast

from aws_cdk import aws_elasticloadbalancingv2 as elbv2
from constructs import Construct

from infra.stack import WebStack

# A rule compares at most five values, and a prefix takes two of them.
# https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-limits.html
_CIDRS_PER_RULE = 3
_LAST_PRIORITY = 50_000


class PathRules(Construct):
    """Rules that have the priorities from `first_priority` on; no other rule of the listener may use these.

    Raises ValueError where the environment has no HTTPS listener of its own.
    """

    def __init__(self, stack: WebStack, id: str, *, first_priority: int = 100) -> None:
        super().__init__(stack, id)
        environment, listener = stack.parameters, stack.front_door.https_listener
        if listener is None:
            raise ValueError(
                "path rules need HTTPS on a load balancer of one's own, but environment "
                f"'{environment.name}' has domain {environment.domain and environment.domain.name} and "
                f"load_balancer {type(environment.load_balancer).__name__}: set domain, and load_balancer to "
                "NewLoadBalancer"
            )
        self._stack = stack
        self._listener = listener
        self._next_priority = first_priority

    def allow_only(
        self, *, prefix: str, cidrs: Sequence[str], otherwise_status: Literal[403, 404] = 404
    ) -> None:
        """Let only clients in `cidrs` see the prefix; answer others with the status, before the app.

        Raises ValueError behind CloudFront, where every request comes from an address of CloudFront.
        """
        if self._stack.front_door.distribution:
            raise ValueError(
                f"allow_only(prefix='{prefix}') is behind CloudFront, so clients' addresses are not seen: "
                "use a rule of the web ACL that web_acl_arn names"
            )
        if not cidrs:
            raise ValueError(
                f"allow_only(prefix='{prefix}') has no cidrs, so nobody could see it: name networks"
            )
        to_tasks = elbv2.ListenerAction.forward([self._stack.target_group])
        for first in range(0, len(cidrs), _CIDRS_PER_RULE):
            clients = elbv2.ListenerCondition.source_ips(list(cidrs[first : first + _CIDRS_PER_RULE]))
            self._add([_below(prefix), clients], to_tasks)
        refusal = elbv2.ListenerAction.fixed_response(otherwise_status, content_type="text/plain")
        self._add([_below(prefix)], refusal)

    def redirect(
        self,
        *,
        host: str | None = None,
        prefix: str | None = None,
        to_host: str | None = None,
        to_path: str | None = None,
    ) -> None:
        """Answer 301 to requests for the host, the prefix, or both; keep the rest of the URL."""
        conditions = [elbv2.ListenerCondition.host_headers([host])] if host else []
        if prefix:
            conditions.append(_below(prefix))
        if not conditions or not (to_host or to_path):
            raise ValueError(
                f"redirect(host={host}, prefix={prefix}, to_host={to_host}, to_path={to_path}): "
                "give host or prefix, and to_host or to_path"
            )
        action = elbv2.ListenerAction.redirect(host=to_host, path=to_path, permanent=True)
        self._add(conditions, action)

    def forward(self, *, prefix: str, target_group: elbv2.IApplicationTargetGroup) -> None:
        """Send the prefix to another service's targets, which still see the whole path."""
        self._add([_below(prefix)], elbv2.ListenerAction.forward([target_group]))

    def _add(self, conditions: list[elbv2.ListenerCondition], action: elbv2.ListenerAction) -> None:
        priority = self._next_priority
        self._next_priority += 1
        for other in self.node.root.node.find_all():
            if (
                isinstance(other, elbv2.CfnListenerRule)
                and other.listener_arn == self._listener.listener_arn
                and other.priority == priority
            ):
                raise ValueError(
                    f"priority {priority} is that of {other.node.path} already: give PathRules another "
                    f"first_priority, up to {_LAST_PRIORITY}"
                )
        # Named by the priority, so that rules that swap places are updated in place: a new rule could not
        # have a priority that is still in use.
        elbv2.ApplicationListenerRule(
            self,
            f"Rule{priority}",
            listener=cast("elbv2.IApplicationListener", self._listener),
            priority=priority,
            conditions=conditions,
            action=action,
        )


def _below(prefix: str) -> elbv2.ListenerCondition:
    if not prefix.startswith("/") or prefix.endswith(("/", "*")):
        raise ValueError(f"prefix is '{prefix}': give a path such as /admin, without a last '/' or '*'")
    return elbv2.ListenerCondition.path_patterns([prefix, f"{prefix}/*"])
