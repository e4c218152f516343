"""Load balancer: a new one, one that is there already, or that of another environment."""

from typing import Literal, Self

from pydantic import Field, model_validator

from infra.parameters.formats import (
    EnvironmentName,
    HostedZoneId,
    HostName,
    ListenerArn,
    LoadBalancerArn,
    SecurityGroupId,
    StatusCodes,
    UrlPath,
)
from infra.parameters.ingress import CloudFront, Ingress, Internet, Waf
from infra.parameters.model import Parameters


class NewLoadBalancer(Parameters):
    """A load balancer of the environment's own; about $16 a month before traffic."""

    ingress: Ingress = Field(default=Internet(), description="who may reach it")
    waf: Waf | None = None
    log_days: int | None = Field(
        default=None,
        ge=1,
        description="of access, connection and health check logs in S3; else none",
    )
    client_keep_alive_s: int = Field(
        default=3600, ge=60, le=604800, description="longest life of a client's connection"
    )

    @model_validator(mode="after")
    def _waf_sees_clients(self) -> Self:
        if self.waf and isinstance(self.ingress, CloudFront):
            raise ValueError(
                "waf is set and ingress is CloudFront, behind which all requests come from CloudFront's "
                "addresses: remove waf and give ingress a web_acl_arn"
            )
        return self


class ExistingLoadBalancer(Parameters):
    """A load balancer that is there already, given by ids; a rule sends the domain's requests here.

    Who may reach it, its logs and its other attributes are its owner's.
    """

    arn: LoadBalancerArn = Field(description="its ARN")
    security_group_id: SecurityGroupId = Field(
        description="its security group, which gets a rule to reach the tasks"
    )
    https_listener_arn: ListenerArn = Field(description="of the listener that gets the rule")
    rule_priority: int = Field(ge=1, le=50000, description="of the rule; no other rule may have it")
    dns_name: HostName = Field(description="its DNS name")
    canonical_hosted_zone_id: HostedZoneId = Field(description="of its DNS name, not of your domain")
    idle_timeout_s: int = Field(
        default=60, ge=1, le=4000, description="what it has; Gunicorn keeps connections longer"
    )


class SharedLoadBalancer(Parameters):
    """The load balancer, and with it the network, of another environment of this app."""

    owner: EnvironmentName = Field(description="the environment it belongs to")
    rule_priority: int = Field(ge=1, le=50000, description="of the rule; no other environment may have it")


LoadBalancer = NewLoadBalancer | ExistingLoadBalancer | SharedLoadBalancer


class HealthCheck(Parameters):
    """What the load balancer asks of each task, and when it believes the answer."""

    path: UrlPath = Field(default="/healthz", description="answered without any backend")
    codes: StatusCodes = Field(default="200", description="that count as healthy")
    # AWS's fast setting is every 5 s, its default 30 s; 10 s find a dead task in half a minute.
    # https://docs.aws.amazon.com/AmazonECS/latest/developerguide/load-balancer-healthcheck.html
    interval_s: int = Field(default=10, ge=5, le=300, description="between two checks")
    timeout_s: int = Field(default=5, ge=2, le=120, description="for the answer")
    healthy_count: int = Field(default=2, ge=2, le=10, description="successes that bring a task back")
    unhealthy_count: int = Field(default=3, ge=2, le=10, description="failures that take it out")
    grace_s: int = Field(default=60, ge=0, le=7200, description="failures that a starting task is forgiven")

    @model_validator(mode="after")
    def _answers_are_awaited_before_the_next_check(self) -> Self:
        if self.timeout_s >= self.interval_s:
            raise ValueError(
                f"timeout_s ({self.timeout_s}) is not below interval_s ({self.interval_s}): "
                "lower timeout_s or raise interval_s"
            )
        return self


class Routing(Parameters):
    """Which task gets the next request."""

    algorithm: Literal["least_outstanding_requests", "round_robin", "weighted_random"] = Field(
        default="least_outstanding_requests",
        description="weighted_random sends less to tasks that answer with errors",
    )
    slow_start_s: int = Field(
        default=0, ge=0, le=900, description="a new task's share grows this long; 30 to 900"
    )
    sticky_s: int | None = Field(
        default=None, ge=1, le=604800, description="for which a client stays with its task; else it does not"
    )

    @model_validator(mode="after")
    def _slow_start_is_offered(self) -> Self:
        if 0 < self.slow_start_s < 30:
            raise ValueError(f"slow_start_s is {self.slow_start_s}: set it to 0, or to 30 to 900")
        # https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-target-group-attributes.html
        if self.slow_start_s and self.algorithm != "round_robin":
            raise ValueError(
                f"slow_start_s is {self.slow_start_s}, which load balancers offer with round_robin only, "
                f"but algorithm is '{self.algorithm}': set slow_start_s to 0, or algorithm to 'round_robin'"
            )
        return self
