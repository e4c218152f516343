"""Define the load balancer: a new one, an existing one, or the one of another environment."""

from typing import Self

from pydantic import Field, model_validator

from infra.parameters.formats import (
    EnvironmentName,
    HostedZoneId,
    HostName,
    ListenerArn,
    LoadBalancerArn,
    SecurityGroupId,
)
from infra.parameters.ingress import CloudFront, Ingress, Internet, Waf
from infra.parameters.model import Parameters


class NewLoadBalancer(Parameters):
    """A load balancer of the environment's own, which costs about $16 a month before traffic."""

    ingress: Ingress = Field(default=Internet(), description="who may reach the load balancer")
    waf: Waf | None = None
    log_days: int | None = Field(
        default=None,
        ge=1,
        description="days to keep logs of requests, connections and health checks in S3; by default none",
    )
    client_keep_alive_s: int = Field(
        default=3600, ge=60, le=604800, description="seconds after which a client's connection is closed"
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
    """An existing load balancer, given by its ids, whose listener gets a rule for the domain.

    Its owner decides who may reach it, and its logs and other attributes.
    """

    arn: LoadBalancerArn = Field(description="ARN of the load balancer")
    security_group_id: SecurityGroupId = Field(
        description="security group of the load balancer, which gets an egress rule to the tasks"
    )
    https_listener_arn: ListenerArn = Field(description="ARN of the HTTPS listener that gets the rule")
    rule_priority: int = Field(ge=1, le=50000, description="priority of the rule, unique on the listener")
    dns_name: HostName = Field(description="DNS name of the load balancer")
    canonical_hosted_zone_id: HostedZoneId = Field(
        description="hosted zone of its DNS name, not of your domain"
    )
    idle_timeout_s: int = Field(
        default=60,
        ge=1,
        le=4000,
        description="idle timeout that the load balancer has; Gunicorn keeps connections longer",
    )


class SharedLoadBalancer(Parameters):
    """The load balancer and the network of another environment of this app."""

    owner: EnvironmentName = Field(description="name of the environment that has the load balancer")
    rule_priority: int = Field(
        ge=1, le=50000, description="priority of the rule, unique among the environments"
    )


LoadBalancer = NewLoadBalancer | ExistingLoadBalancer | SharedLoadBalancer
