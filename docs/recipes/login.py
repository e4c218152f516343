"""Login: let the load balancer ask users to log in (OIDC), or services for a token (JWT), before the app.

For internal tools and for staging. Free. Not for a site with accounts of its own. Health checks need no
login: they go from the load balancer straight to the tasks. Paths can be excepted by a listener rule, for
example with path_rules.py: forward /webhooks to `stack.target_group`.

    if stack.parameters.name == "staging":
        require_login(
            stack,
            issuer="https://login.example.com",
            authorization_endpoint="https://login.example.com/authorize",
            token_endpoint="https://login.example.com/token",
            user_info_endpoint="https://login.example.com/userinfo",
            client_id="flask-app",
            client_secret_name="staging/oidc",
        )

At the identity provider, allow the redirect URL https://{your domain}/oauth2/idpresponse. Store the client
secret as plain text in Secrets Manager; CloudFormation reads it at each deployment that changes the
listener, not when the secret is rotated. The app finds who logged in, signed, in the header
X-Amzn-Oidc-Data.
https://docs.aws.amazon.com/elasticloadbalancing/latest/application/listener-authenticate-users.html
"""

from collections.abc import Sequence

from aws_cdk import Annotations, Duration, SecretValue
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_elasticloadbalancingv2 as elbv2

from infra.parameters import NatGateways, NewLoadBalancer, NewVpc, RegionalNat, is_internal
from infra.stack import WebStack


def require_login(
    stack: WebStack,
    *,
    issuer: str,
    authorization_endpoint: str,
    token_endpoint: str,
    user_info_endpoint: str,
    client_id: str,
    client_secret_name: str,
    session_s: int = 8 * 3600,
    provider_cidrs: Sequence[str] = ("0.0.0.0/0",),
) -> None:
    """Send browsers without a session to the identity provider.

    The load balancer reaches the provider at `provider_cidrs`. Raises ValueError for plain HTTP, and where
    the load balancer could not reach the provider.
    """
    _protect(
        stack,
        elbv2.ListenerAction.authenticate_oidc(
            issuer=issuer,
            authorization_endpoint=authorization_endpoint,
            token_endpoint=token_endpoint,
            user_info_endpoint=user_info_endpoint,
            client_id=client_id,
            client_secret=SecretValue.secrets_manager(client_secret_name),
            session_timeout=Duration.seconds(session_s),
            # `_protect` opens the way to the provider.
            allow_https_outbound=False,
            next=elbv2.ListenerAction.forward([stack.target_group]),
        ),
        provider_cidrs,
    )


def require_token(
    stack: WebStack, *, issuer: str, jwks_endpoint: str, provider_cidrs: Sequence[str] = ("0.0.0.0/0",)
) -> None:
    """Answer 401 to requests without a valid `Authorization: Bearer` token of the issuer, signed with RS256.

    The app must still read in the token who calls, and for which audience. Raises ValueError as
    `require_login` does.
    https://docs.aws.amazon.com/elasticloadbalancing/latest/application/listener-verify-jwt.html
    """
    action = elbv2.ListenerAction.authenticate_jwt(
        issuer=issuer,
        jwks_endpoint=jwks_endpoint,
        next=elbv2.ListenerAction.forward([stack.target_group]),
    )
    _protect(stack, action, provider_cidrs)


def _protect(stack: WebStack, action: elbv2.ListenerAction, provider_cidrs: Sequence[str]) -> None:
    environment, balancer = stack.parameters, stack.front_door.own_load_balancer
    choice, listener = environment.load_balancer, stack.front_door.https_listener
    if balancer is None or listener is None or not isinstance(choice, NewLoadBalancer):
        raise ValueError(
            f"login needs HTTPS on a load balancer of one's own, but environment '{environment.name}' has "
            f"domain {environment.domain and environment.domain.name} and load_balancer "
            f"{type(choice).__name__}: set domain, and load_balancer to NewLoadBalancer"
        )
    if stack.front_door.distribution:
        raise ValueError(
            "login is behind CloudFront, which passes no cookies below cached_path, so those files would be "
            "answered with the login page: choose another ingress"
        )
    network = environment.network
    if (
        is_internal(choice)
        and isinstance(network, NewVpc)
        and not isinstance(network.egress, NatGateways | RegionalNat)
    ):
        raise ValueError(
            f"ingress is {type(choice.ingress).__name__}, so the load balancer has no public address, and "
            f"by network.egress {type(network.egress).__name__} it cannot reach the identity provider: "
            "set egress to NatGateways or RegionalNat"
        )
    listener.add_action("Default", action=action)
    # Replacing the default action is the purpose of this recipe.
    Annotations.of(listener).acknowledge_warning("@aws-cdk/aws-elbv2:listenerExistingDefaultActionReplaced")
    for cidr in provider_cidrs:
        balancer.group.add_egress_rule(ec2.Peer.ipv4(cidr), ec2.Port.tcp(443), "The identity provider")
