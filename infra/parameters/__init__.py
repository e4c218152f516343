"""Define the typed parameters of an environment, their checks, and the numbers that follow from them."""

from infra.parameters.alarms import Alarms
from infra.parameters.aurora import RESUMES_WITHIN_S, Aurora, NewDatabase
from infra.parameters.cache import Valkey
from infra.parameters.chat import SlackChannel, TeamsChannel
from infra.parameters.chat_checks import taken_twice
from infra.parameters.cloudfront_checks import CLOUDFRONT_RESERVE_S, is_internal
from infra.parameters.cloudfront_prefix_lists import CLOUDFRONT_PREFIX_LIST_IDS
from infra.parameters.configuration_checks import SET_BY_INFRA
from infra.parameters.database import POSTGRES_MEMORY_GIB, DatabaseBudget, ExistingDatabase, Postgres
from infra.parameters.deployment import BlueGreen, Canary, Deployment, Linear, Rolling
from infra.parameters.domain import Domain
from infra.parameters.egress import (
    EXEC_ENDPOINT,
    TASK_ENDPOINTS,
    Endpoints,
    NatGateways,
    PublicIps,
    RegionalNat,
)
from infra.parameters.environment import Environment
from infra.parameters.fields import MIGRATION
from infra.parameters.formats import EnvironmentName
from infra.parameters.image import BuildImage, Image, ImageByDigest
from infra.parameters.ingress import Cidrs, CloudFront, Ingress, InsideVpc, Internet, Waf
from infra.parameters.load_balancer import ExistingLoadBalancer, NewLoadBalancer, SharedLoadBalancer
from infra.parameters.mail import MAIL_VARIABLE, Mail
from infra.parameters.model import Parameters, explain, place_in_our_code, shown
from infra.parameters.network import ExistingVpc, NewVpc
from infra.parameters.pipeline import GitHub, GitLab, Pipeline
from infra.parameters.places import Azure, Google, GoogleSecret, KeyVaultSecret, Place
from infra.parameters.preview_names import (
    PREVIEW_BOUNDARY,
    PREVIEW_EXECUTION,
    PREVIEW_NETWORK,
    PREVIEW_STACKS,
)
from infra.parameters.quotas import QUOTAS, Need, Quota, needs
from infra.parameters.scaling import ScalingTargets, Schedule
from infra.parameters.secrets import (
    NewSecret,
    SecretChoice,
    SecretsManagerSecret,
    SecureParameter,
    any_value_will_do,
    parameter_name,
    secret_example,
)
from infra.parameters.service_fields import ServiceFields
from infra.parameters.sharing import SharingError, owner_serves_names, owners_first
from infra.parameters.sidecar import Sidecar
from infra.parameters.sizes import GUNICORN_LINE_BYTES, PROXY_LINE_BYTES, size_conflicts
from infra.parameters.sleep import Sleep
from infra.parameters.subnets import subnet_prefixes
from infra.parameters.target_group import DEFAULT_HEALTH_PATH, HealthCheck, Routing
from infra.parameters.task_fields import TaskFields
from infra.parameters.tasks import COLLECTOR_MIB, FARGATE_MEMORY_MIB, PROXY_MIB, ProxyKind, Tasks
from infra.parameters.timeouts import FARGATE_MAX_STOP_TIMEOUT_S, Timeouts, timeout_conflicts
from infra.parameters.uploads import Uploads
from infra.parameters.workers import Job, Queue, Worker

__all__ = [
    "CLOUDFRONT_PREFIX_LIST_IDS",
    "CLOUDFRONT_RESERVE_S",
    "COLLECTOR_MIB",
    "DEFAULT_HEALTH_PATH",
    "EXEC_ENDPOINT",
    "FARGATE_MAX_STOP_TIMEOUT_S",
    "FARGATE_MEMORY_MIB",
    "GUNICORN_LINE_BYTES",
    "MAIL_VARIABLE",
    "MIGRATION",
    "POSTGRES_MEMORY_GIB",
    "PREVIEW_BOUNDARY",
    "PREVIEW_EXECUTION",
    "PREVIEW_NETWORK",
    "PREVIEW_STACKS",
    "PROXY_LINE_BYTES",
    "PROXY_MIB",
    "QUOTAS",
    "RESUMES_WITHIN_S",
    "SET_BY_INFRA",
    "TASK_ENDPOINTS",
    "Alarms",
    "Aurora",
    "Azure",
    "BlueGreen",
    "BuildImage",
    "Canary",
    "Cidrs",
    "CloudFront",
    "DatabaseBudget",
    "Deployment",
    "Domain",
    "Endpoints",
    "Environment",
    "EnvironmentName",
    "ExistingDatabase",
    "ExistingLoadBalancer",
    "ExistingVpc",
    "GitHub",
    "GitLab",
    "Google",
    "GoogleSecret",
    "HealthCheck",
    "Image",
    "ImageByDigest",
    "Ingress",
    "InsideVpc",
    "Internet",
    "Job",
    "KeyVaultSecret",
    "Linear",
    "Mail",
    "NatGateways",
    "Need",
    "NewDatabase",
    "NewLoadBalancer",
    "NewSecret",
    "NewVpc",
    "Parameters",
    "Pipeline",
    "Place",
    "Postgres",
    "ProxyKind",
    "PublicIps",
    "Queue",
    "Quota",
    "RegionalNat",
    "Rolling",
    "Routing",
    "ScalingTargets",
    "Schedule",
    "SecretChoice",
    "SecretsManagerSecret",
    "SecureParameter",
    "ServiceFields",
    "SharedLoadBalancer",
    "SharingError",
    "Sidecar",
    "SlackChannel",
    "Sleep",
    "TaskFields",
    "Tasks",
    "TeamsChannel",
    "Timeouts",
    "Uploads",
    "Valkey",
    "Waf",
    "Worker",
    "any_value_will_do",
    "explain",
    "is_internal",
    "needs",
    "owner_serves_names",
    "owners_first",
    "parameter_name",
    "place_in_our_code",
    "secret_example",
    "shown",
    "size_conflicts",
    "subnet_prefixes",
    "taken_twice",
    "timeout_conflicts",
]
