"""List every field of the manifests of Copilot's environments and pipelines, and what becomes of it here.

https://aws.github.io/copilot-cli/docs/manifest/environment/ and pipeline/
"""

import re

from infra.parameters import Cidrs
from tools.adopt.copilot_rules import log_days
from tools.adopt.rules import Case, Rule, decided, otherwise, yours
from tools.adopt.values import texts, yes

_PIPELINE = "docs/pipeline.md"
_VPC = "`network=ExistingVpc(vpc_id=..., cidr=..., ...)`: `cidr` is in no manifest, so write it by hand"
_GROUP = "recipe docs/recipes/security_group_rules.py: `set_task_rules`"
_CDN = (
    "`load_balancer.ingress=CloudFront(certificate_arn=...)`, with a certificate in us-east-1 and a `domain`"
)
_STAGES = f"the workflows deploy to the environments in their order ({_PIPELINE})"
# As the load balancer keeps the logs of Copilot: without end. Here they end.
_LOG_DAYS = 90


def _region(case: Case, text: str) -> None:
    if found := re.search(r"\b([a-z]{2}(?:-[a-z]+)+-\d)", text):
        case.wishes.notes["region"] = found[1]


def _take_certificates(case: Case) -> None:
    arns = texts(case.value)
    _region(case, arns[0])
    case.wishes.notes["certificates"] = arns
    case.wishes.notes["certificates_source"] = case.source


def _take_access_logs(case: Case) -> None:
    if case.value is False:
        case.taken("no logs of the load balancer, by default")
    else:
        case.set("load_balancer.log_days", _LOG_DAYS)
        case.taken(f"`load_balancer.log_days={_LOG_DAYS}`, in a bucket of the stack")


def _take_flow_logs(case: Case) -> None:
    if not yes(case.value):
        case.taken("no flow log, by default")
        return
    case.set("network.log_days", 14)
    case.taken("`network.log_days=14`")


def _take_policy(case: Case) -> None:
    modern = "TLS13-1-3" in str(case.value)
    if modern:
        case.wishes.notes["tls_policy"] = "ELBSecurityPolicy-TLS13-1-3-PQ-2025-09"
        case.taken("`domain.tls_policy='ELBSecurityPolicy-TLS13-1-3-PQ-2025-09'`")
    else:
        case.otherwise(
            "`domain.tls_policy` stays TLS 1.2 and 1.3 with forward secrecy, which every current browser "
            "speaks"
        )


def _take_sources(case: Case) -> None:
    cidrs = texts(case.value)
    case.set("load_balancer.ingress", Cidrs(cidrs=cidrs))
    case.taken(f"`load_balancer.ingress=Cidrs(cidrs={cidrs!r})`")


def _take_insights(case: Case) -> None:
    case.set("container_insights", yes(case.value))
    case.taken(f"`container_insights={yes(case.value)}`")


def _take_cidr(case: Case) -> None:
    case.set("network.cidr", str(case.value))
    case.taken(f"`network.cidr='{case.value}'`")


def _take_subnets(case: Case) -> None:
    zones = [str(each["az"]) for each in case.value if isinstance(each, dict) and "az" in each]
    if zones:
        case.wishes.notes["zones"] = tuple(dict.fromkeys(zones))
        case.wishes.notes["region"] = zones[0][:-1]
        case.otherwise("`availability_zones` are these; the kit divides the network among them itself")
    else:
        ids = tuple(str(each.get("id", "")) for each in case.value if isinstance(each, dict))
        kind = case.source.rpartition(".")[2]
        case.yours(f"{_VPC}: `{kind}_subnet_ids={ids!r}`")


ENVIRONMENT_RULES: tuple[Rule, ...] = (
    decided("name", "taken over", "`name` of the environment", lambda case: case.taken()),
    otherwise("type", "every Environment(...) in infra/environments.py is one"),
    yours("network.vpc.id", _VPC),
    decided("network.vpc.cidr", "taken over", "`network.cidr`", _take_cidr),
    decided(
        "network.vpc.subnets.public",
        "set otherwise",
        "`availability_zones`, or the ids of an ExistingVpc",
        _take_subnets,
    ),
    decided(
        "network.vpc.subnets.private",
        "set otherwise",
        "`availability_zones`, or the ids of an ExistingVpc",
        _take_subnets,
    ),
    yours("network.vpc.security_group", _GROUP),
    decided("network.vpc.flow_logs", "taken over", "`network.log_days`", _take_flow_logs),
    decided(
        "network.vpc.flow_logs.retention", "taken over", "`network.log_days`", log_days("network.log_days")
    ),
    yours("cdn", _CDN),
    yours("cdn.certificate", f"{_CDN}: this is its `certificate_arn`"),
    yours("cdn.static_assets", "recipe docs/recipes/static_assets.py"),
    otherwise("cdn.terminate_tls", "CloudFront reaches the load balancer by TLS, always"),
    decided(
        "http.public.certificates",
        "taken over",
        "`domain.certificate_arns`, with the alias of the service",
        _take_certificates,
    ),
    decided(
        "http.public.access_logs", "taken over", f"`load_balancer.log_days={_LOG_DAYS}`", _take_access_logs
    ),
    otherwise(
        "http.public.access_logs.bucket_name",
        f"`load_balancer.log_days={_LOG_DAYS}`: the stack makes the bucket",
    ),
    otherwise("http.public.access_logs.prefix", "the stack's bucket holds the logs of one load balancer"),
    decided("http.public.ssl_policy", "set otherwise", "`domain.tls_policy`", _take_policy),
    yours("http.public.ingress.cdn", _CDN),
    decided(
        "http.public.ingress.source_ips", "taken over", "`load_balancer.ingress=Cidrs(...)`", _take_sources
    ),
    decided(
        "http.private.certificates",
        "taken over",
        "`domain.certificate_arns`, with the alias of the service",
        _take_certificates,
    ),
    yours(
        "http.private.subnets",
        "`network=ExistingVpc(private_subnet_ids=...)`: an internal load balancer stands in these",
    ),
    otherwise(
        "http.private.ingress", "`load_balancer.ingress=InsideVpc()` admits the VPC; `cidrs` more networks"
    ),
    decided("http.private.ssl_policy", "set otherwise", "`domain.tls_policy`", _take_policy),
    decided("observability.container_insights", "taken over", "`container_insights`", _take_insights),
)

PIPELINE_RULES: tuple[Rule, ...] = (
    otherwise("name", "the stack of the roles is called Pipeline"),
    otherwise("version", "there is one kind of pipeline"),
    yours(
        "source.provider",
        f"`PIPELINE = Pipeline(source=GitHub(...))` or GitLab(...) ({_PIPELINE}); CodeCommit and Bitbucket "
        "run `make` targets of their own",
    ),
    yours(
        "source.properties.access_token_secret",
        f"none is needed: the workflows take roles by OIDC ({_PIPELINE})",
    ),
    otherwise("source.properties.branch", "the workflows deploy main"),
    yours("source.properties.repository", f"`Pipeline(source=GitHub(repository=...))` ({_PIPELINE})"),
    otherwise("source.properties.connection_name", "none is needed: the workflows take roles by OIDC"),
    otherwise("source.properties.output_artifact_format", "the workflow checks the repository out itself"),
    otherwise("build.image", "the workflow builds on GitHub's or GitLab's own runners"),
    yours(
        "build.buildspec",
        f"its steps belong to your own workflow beside .github/workflows/deploy.yml ({_PIPELINE})",
    ),
    yours(
        "build.additional_policy",
        f"what a build may do in AWS is a role of yours; the kit's roles push and deploy only ({_PIPELINE})",
    ),
    otherwise("stages", _STAGES),
    otherwise("stages.name", _STAGES),
    yours(
        "stages.requires_approval", f"reviewers of the environment on GitHub or GitLab ({_PIPELINE}, set-up)"
    ),
    yours(
        "stages.pre_deployments",
        "`release_command` runs once before a version serves (docs/configuration.md)",
    ),
    yours(
        "stages.post_deployments",
        "recipe docs/recipes/lifecycle_hooks.py, or a step behind the smoke test of "
        ".github/workflows/stage.yml",
    ),
    otherwise("stages.deployments", _STAGES),
    yours(
        "stages.test_commands",
        "`make smoke` runs after each stage; more belongs into .github/workflows/stage.yml",
    ),
)
