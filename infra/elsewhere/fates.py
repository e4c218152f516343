"""Say for each field of an environment what becomes of it on Cloud Run and on Container Apps.

A field that is not here is refused once somebody sets it, so that a new one cannot be dropped in silence.
"""

from typing import Literal, NamedTuple

from infra.parameters import Google, Place


class Fate(NamedTuple):
    """A fate tells what becomes of a field whose value is not its default.

    mapped: it is in the manifest or in the commands · told: not carried over, and a note says what is instead
    nothing: it makes no difference there · refused: with these words · edge: refused without `edge=True`
    """

    kind: Literal["mapped", "told", "nothing", "refused", "edge"]
    words: str


Pair = tuple[Fate, Fate]


def mapped(google: str, azure: str) -> Pair:
    """Return the fate of a field that is carried over; the words name the place's own field."""
    return Fate("mapped", google), Fate("mapped", azure)


def told(google: str, azure: str = "") -> Pair:
    """Return the fate of a field of which a note tells."""
    return Fate("told", google), Fate("told", azure or google)


def nothing(words: str) -> Pair:
    """Return the fate of a field that makes no difference."""
    return Fate("nothing", words), Fate("nothing", words)


def refused(google: str, azure: str = "") -> Pair:
    """Return the fate of a field that must keep its default."""
    return Fate("refused", google), Fate("refused", azure or google)


def edge(google: str, azure: str = "") -> Pair:
    """Return the fate of a field that only an edge in front of the service can keep."""
    return Fate("edge", google), Fate("edge", azure or google)


_AWS = nothing("which names a thing of AWS")
_UNKNOWN = refused("for which there is no counterpart: leave it at its default")


def fate(key: str, place: Place) -> Fate:
    """Return what becomes of `Class.field`, or of the choice of a class, in a place."""
    return FATES.get(key, _UNKNOWN)[0 if isinstance(place, Google) else 1]


_DEPLOYMENT = "and nothing there turns a bad version back by an alarm: set deployment to Rolling()"
_BALANCER = "which is AWS's: use NewLoadBalancer()"

FATES: dict[str, Pair] = {
    "Environment.name": mapped("metadata.name", "name"),
    **dict.fromkeys(("Environment.account", "Environment.region", "Environment.availability_zones"), _AWS),
    **dict.fromkeys(("Environment.bootstrap_qualifier", "Environment.permissions_boundary"), _AWS),
    "BuildImage.target": mapped("docker build --target", "docker build --target"),
    "BuildImage.build_args": mapped("docker build --build-arg", "docker build --build-arg"),
    "BuildImage.github_cache": told("your own builder's cache counts"),
    "ImageByDigest": mapped("containers[].image", "containers[].image"),
    "ImageByDigest.repository": mapped("containers[].image", "containers[].image"),
    "ImageByDigest.digest": mapped("containers[].image", "containers[].image"),
    "ImageByDigest.credentials_secret_arn": refused("which is AWS's: push the image to the place's registry"),
    "Tasks.min": mapped("run.googleapis.com/minScale", "scale.minReplicas"),
    "Tasks.max": mapped("run.googleapis.com/maxScale", "scale.maxReplicas"),
    "Tasks.cpu": mapped("resources.limits.cpu", "resources.cpu"),
    "Tasks.memory_mib": mapped("resources.limits.memory", "resources.memory"),
    "Tasks.architecture": nothing(
        "an image that is built here is built for linux/amd64, which alone runs there"
    ),
    "Tasks.spot": refused("and there are no cheaper tasks that may be taken back: set it to 'never'"),
    "Tasks.workers": mapped("containerConcurrency, GUNICORN_WORKERS", "GUNICORN_WORKERS, the HTTP rule"),
    "Tasks.threads": mapped("containerConcurrency, GUNICORN_THREADS", "GUNICORN_THREADS, the HTTP rule"),
    "Tasks.queue_s": mapped("GUNICORN_QUEUE_S", "GUNICORN_QUEUE_S"),
    "Tasks.streams": mapped("GUNICORN_STREAMS", "GUNICORN_STREAMS"),
    "Tasks.worker_mib": nothing("what fits into the memory is checked with it"),
    "Tasks.ephemeral_storage_gib": refused("where the size of the disk cannot be chosen: leave it at None"),
    "Environment.proxy": mapped("the container proxy", "the container proxy"),
    "Environment.tls_to_tasks": refused("which ends TLS before the container: set it to False"),
    "Environment.max_body_mib": mapped("MAX_CONTENT_LENGTH_BYTES", "MAX_CONTENT_LENGTH_BYTES"),
    "HealthCheck.path": mapped("startupProbe, livenessProbe", "probes"),
    "HealthCheck.codes": nothing("any code from 200 to 399 is healthy there"),
    "HealthCheck.interval_s": mapped("livenessProbe.periodSeconds", "periodSeconds"),
    "HealthCheck.timeout_s": mapped("livenessProbe.timeoutSeconds", "timeoutSeconds"),
    "HealthCheck.healthy_count": (
        Fate("told", "one success is enough there"),
        Fate("mapped", "Readiness: successThreshold"),
    ),
    "HealthCheck.unhealthy_count": mapped("livenessProbe.failureThreshold", "failureThreshold"),
    "HealthCheck.grace_s": mapped("startupProbe.failureThreshold", "Startup: periodSeconds"),
    "Environment.variables": mapped("env", "env"),
    "Environment.sidecars": mapped("containers[]", "containers[]"),
    **{f"Sidecar.{name}": mapped("containers[]", "containers[]") for name in ("name", "image", "command")},
    "Sidecar.variables": mapped("env", "env"),
    "Sidecar.memory_mib": mapped("resources.limits.memory", "resources.memory"),
    "Sidecar.user": told("the user that its image names runs it"),
    "Sidecar.writable_paths": nothing("file systems can be written there"),
    "Sidecar.essential": told(
        "an instance ends with any of its containers", "each is started again by itself"
    ),
    "Sidecar.starts": told("all containers start together"),
    "Sidecar.health_command": refused("which probes by HTTP or TCP alone: remove it"),
    "Environment.trace_percent": refused("and the collector sends traces to X-Ray: set it to 0"),
    "Environment.log_days": told(
        "set it on the log bucket, as the commands show", "set it on the workspace, as the commands show"
    ),
    "ScalingTargets.saturation_percent": mapped(
        "run.googleapis.com/scaling-concurrency-target", "http rule: concurrentRequests"
    ),
    "ScalingTargets.cpu_percent": mapped("run.googleapis.com/scaling-cpu-target", "cpu rule"),
    "ScalingTargets.memory_percent": (
        Fate("refused", "which scales by requests and CPU: set it to None"),
        Fate("mapped", "memory rule"),
    ),
    "ScalingTargets.requests_per_task_per_minute": refused("which counts requests at once: set it to None"),
    "ScalingTargets.response_time_s": refused("which cannot scale by it: set it to None"),
    "ScalingTargets.out_cooldown_s": told("the place decides by itself"),
    "ScalingTargets.in_cooldown_s": (
        Fate("told", "an idle instance stays up to 15 minutes"),
        Fate("mapped", "scale.cooldownPeriod"),
    ),
    "ScalingTargets.fast_metrics": refused("whose measurements cannot be set: set it to False"),
    "ScalingTargets.predict": refused("which forecasts nothing: set it to 'off'"),
    "ScalingTargets.schedules": refused(
        "whose bounds have no times of day: remove them, and raise tasks.min"
    ),
    "ScalingTargets.time_zone": nothing("it is of the schedules"),
    **dict.fromkeys(("BlueGreen", "Canary", "Linear"), refused(_DEPLOYMENT)),
    "Rolling.failures_allowed": told("a version gets requests once it has started, else none"),
    "Rolling.alternate": refused("which has no target groups: set it to False"),
    "Rolling.tls_change": refused("which has no target groups: set it to None"),
    "Routing.algorithm": refused("whose front end chooses by itself: leave it at its default"),
    "Routing.slow_start_s": refused("which has no slow start: set it to 0"),
    "Routing.sticky_s": mapped("run.googleapis.com/sessionAffinity", "stickySessions.affinity"),
    "Environment.container_insights": told("metrics of each instance are there without it"),
    "Environment.execute_command": (
        Fate("refused", "where nobody gets a shell in an instance: set it to False"),
        Fate("told", "`az containerapp exec` is open to whoever may write to the app"),
    ),
    "Environment.longest_request_s": mapped("timeoutSeconds", "terminationGracePeriodSeconds"),
    "Environment.secrets": mapped("valueFrom.secretKeyRef", "configuration.secrets, env.secretRef"),
    **{
        f"{kind}.{name}": nothing("the place's own `secrets` say where the value is")
        for kind, names in (
            ("SecretsManagerSecret", ("name", "arn", "json_key", "kms_key_arn")),
            ("SecureParameter", ("name", "kms_key_arn")),
        )
        for name in names
    },
    "Environment.release_command": mapped("a Job", "a Microsoft.App/jobs"),
    "Environment.release_timeout_s": mapped("the Job's timeoutSeconds", "the job's replicaTimeout"),
    "DatabaseBudget": nothing("the arithmetic is the same"),
    "Aurora": refused(
        "which is RDS's: make one in Cloud SQL, and set database to ExistingDatabase with its address",
        "which is RDS's: make an Azure Database for PostgreSQL, and set database to ExistingDatabase of it",
    ),
    "Environment.cache": refused(
        "where the kit makes none: set it to None, and name one of Memorystore by CACHE_URL in `variables`",
        "where the kit makes none: set it to None, and name an Azure Managed Redis by CACHE_URL in `secrets`",
    ),
    "Environment.uploads": refused(
        "which has no S3: set it to None, and let the app use a bucket of Cloud Storage by Google's client",
        "which has no S3: set it to None, and let the app use a container of Blob Storage by Azure's client",
    ),
    "Environment.mail": refused(
        "which has no SES: set it to None, and name a mail service of yours in `variables` and `secrets`"
    ),
    "Postgres": refused(
        "which is RDS's: make one in Cloud SQL, and set database to ExistingDatabase with its address",
        "which is RDS's: make an Azure Database for PostgreSQL, and set database to ExistingDatabase of it",
    ),
    "ExistingDatabase": mapped("env", "env"),
    **{f"ExistingDatabase.{name}": mapped("env", "env") for name in ("host", "port", "name", "user")},
    "ExistingDatabase.password": nothing("DATABASE_PASSWORD in the place's own `secrets` counts"),
    **{
        f"{kind}.{name}": nothing("the arithmetic is the same")
        for kind in ("DatabaseBudget", "ExistingDatabase")
        for name in ("max_connections", "pool_size", "reserved")
    },
    "Environment.sleep": mapped("run.googleapis.com/minScale: 0", "scale.minReplicas: 0"),
    "Sleep": mapped("run.googleapis.com/minScale: 0", "scale.minReplicas: 0"),
    "Sleep.after_idle_minutes": told("the place decides when an instance without requests goes"),
    "Sleep.although_retained": nothing("the place wakes it by itself"),
    "Environment.workers": mapped("a worker pool", "an app without ingress"),
    "Environment.jobs": mapped("a job that Cloud Scheduler starts", "a job with a schedule"),
    **{f"{kind}.name": mapped("metadata.name", "name") for kind in ("Worker", "Job")},
    **{f"{kind}.command": mapped("command, args", "command, args") for kind in ("Worker", "Job")},
    **{f"{kind}.connections": nothing("the arithmetic is the same") for kind in ("Worker", "Job")},
    **{f"{kind}.cpu": mapped("resources.limits.cpu", "resources.cpu") for kind in ("Worker", "Job")},
    **{
        f"{kind}.memory_mib": mapped("resources.limits.memory", "resources.memory")
        for kind in ("Worker", "Job")
    },
    "Worker.queue": refused(
        "which has no SQS: leave it at None, and let the command take its work from a broker that "
        "`variables` or `secrets` name, such as Pub/Sub",
        "which has no SQS: leave it at None, and let the command take its work from a broker that "
        "`variables` or `secrets` name, such as Service Bus",
    ),
    "Worker.min": mapped("run.googleapis.com/manualInstanceCount", "scale.minReplicas"),
    "Worker.max": (
        Fate("nothing", "a pool has a fixed number of instances, so that it must be min"),
        Fate("mapped", "scale.maxReplicas"),
    ),
    "Worker.longest_job_s": (
        Fate("nothing", "an instance ends 10 s after SIGTERM in any case, of which a note tells"),
        Fate("mapped", "terminationGracePeriodSeconds"),
    ),
    "Worker.heartbeat_s": told("nobody asks there whether a worker lives: one that hangs stays"),
    "Job.schedule": mapped("Cloud Scheduler's schedule", "cronExpression"),
    "Job.time_zone": (
        Fate("mapped", "Cloud Scheduler's timeZone"),
        Fate("refused", "which starts jobs by UTC: set it to 'Etc/UTC', and the hours of schedule to UTC's"),
    ),
    "Job.timeout_s": mapped("timeoutSeconds", "replicaTimeout"),
    "Job.overlap": mapped("command, args", "command, args"),
    "NatGateways": told("it goes out by the place's addresses, or through your network's own gateway"),
    "RegionalNat": told("it goes out by the place's addresses, or through your network's own gateway"),
    "Endpoints": refused("which does not keep an instance from the internet: choose another egress"),
    "NatGateways.count": nothing("it is of the gateways"),
    "NewVpc.cidr": _AWS,
    "NewVpc.data_subnets": told("make them in a network of your own"),
    "NewVpc.dual_stack": told("the place's front end has IPv6, or has not, by itself"),
    "NewVpc.log_days": told("flow logs are a matter of your own network"),
    "ExistingVpc": refused(
        "which is AWS's: name network and subnetwork in Google(...), and set network to NewVpc()",
        "which is AWS's: the Container Apps environment has the subnet; set network to NewVpc()",
    ),
    "ExistingLoadBalancer": refused(_BALANCER),
    "SharedLoadBalancer": refused(_BALANCER),
    "InsideVpc": mapped("run.googleapis.com/ingress: internal", "ingress.external: false"),
    "InsideVpc.cidrs": told("connected networks get in as the place's own rules say"),
    "Cidrs": (
        Fate("edge", "where only Cloud Armor lets in by address"),
        Fate("mapped", "ingress.ipSecurityRestrictions"),
    ),
    "Cidrs.cidrs": mapped("src_ip_ranges", "ipSecurityRestrictions, or matchValue of the firewall"),
    "CloudFront": refused("which is AWS's: set ingress to Internet()"),
    "NewLoadBalancer.waf": edge(
        "which has no firewall of its own: Cloud Armor is one",
        "which has no firewall of its own: Front Door has",
    ),
    "Waf.mode": mapped("preview of each rule", "policySettings.mode"),
    "Waf.requests_per_5_minutes": mapped("rate_limit_options", "a rule of the kind RateLimitRule"),
    "Waf.anonymous_ips": refused("whose firewall has no list of them at its usual price: set it to False"),
    "Waf.log_days": told("it is a part of the log of requests"),
    "NewLoadBalancer.log_days": told("the log of requests is there without it"),
    "NewLoadBalancer.client_keep_alive_s": told("the front end decides by itself"),
    "Environment.domain": (
        Fate("edge", "where a load balancer ends its TLS"),
        Fate("mapped", "ingress.customDomains, with a certificate of Azure's"),
    ),
    **{
        f"Domain.{name}": mapped("the certificate's managed.domains", "ingress.customDomains")
        for name in ("name", "aliases")
    },
    **{
        f"Domain.{name}": nothing("it is of ACM and Route 53")
        for name in ("certificate_arns", "hosted_zone_id", "hosted_zone_name")
    },
    "Domain.redirect_http": told("plain HTTP is redirected in any case"),
    "Domain.tls_policy": told("the front end decides by itself"),
    "Alarms.email": mapped("a notification channel", "emailReceivers"),
    "Alarms.error_percent": mapped("conditionThreshold.thresholdValue", "criteria.allOf[].threshold"),
    "Alarms.p95_latency_s": mapped("conditionThreshold.thresholdValue", "criteria.allOf[].threshold"),
    "Alarms.roll_back_deployments": told(
        "alerts are made, and nothing there turns a bad version back by one"
    ),
    "Alarms.monthly_budget_usd": told("a budget is a matter of the account that pays: make one there"),
    **{
        f"Alarms.{name}": told("alerts are made, and tell the mail address alone")
        for name in ("slack", "teams")
    },
    **{
        f"{kind}.{name}": told("alerts are made, and tell the mail address alone")
        for kind, names in (
            ("SlackChannel", ("workspace_id", "channel_id")),
            ("TeamsChannel", ("tenant_id", "team_id", "channel_id")),
        )
        for name in names
    },
    "Environment.removal": (Fate("nothing", "there is no protection there"), Fate("mapped", "a lock")),
    "Environment.tags": mapped("labels", "tags"),
}
