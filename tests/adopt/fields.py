"""Every field that Copilot documents, with a value, and what shall become of it.

The names are those of the anchors of https://aws.github.io/copilot-cli/docs/manifest/ (lb-web-service, environment,
pipeline) and of /docs/developing/sidecars/. Each line: field | value in YAML | verdict | the parameter it sets.
"""

from typing import Any, NamedTuple

from ruamel.yaml import YAML

from tools.adopt.report import Verdict

SERVICE = """
name | web | set otherwise |
type | Load Balanced Web Service | taken over |
type | Backend Service | taken over | load_balancer.ingress=InsideVpc()
type | Request-Driven Web Service | taken over |
http | false | set otherwise | load_balancer.ingress=InsideVpc()
http.path | / | taken over |
http.path | /api | left to you |
http.alb | arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/app/a/b | left to you |
http.healthcheck | /ping | taken over | health_check.path='/ping'
http.healthcheck | / | set otherwise |
http.healthcheck | /docs | set otherwise |
http.healthcheck | /api/health/ | taken over | health_check.path='/api/health/'
http.healthcheck.path | /ping | taken over | health_check.path='/ping'
http.healthcheck.port | 8080 | set otherwise |
http.healthcheck.success_codes | 200,301 | set otherwise |
http.healthcheck.success_codes | "200" | taken over |
http.healthcheck.healthy_threshold | 4 | taken over | health_check.healthy_count=4
http.healthcheck.unhealthy_threshold | 5 | taken over | health_check.unhealthy_count=5
http.healthcheck.interval | 15s | taken over | health_check.interval_s=15
http.healthcheck.timeout | 4s | taken over | health_check.timeout_s=4
http.healthcheck.grace_period | 2m | taken over | health_check.grace_s=120
http.deregistration_delay | 50s | set otherwise |
http.target_container | envoy | left to you |
http.target_port | 8081 | set otherwise |
http.stickiness | true | taken over | routing.sticky_s=86400
http.allowed_source_ips | ["192.0.2.0/24"] | taken over | load_balancer.ingress=Cidrs(cidrs=('192.0.2.0/24',))
http.alias | www.example.com | said with the domain |
http.hosted_zone | Z0123456789 | left to you |
http.redirect_to_https | false | taken over |
http.version | http2 | set otherwise |
http.version | grpc | left to you |
http.additional_rules | [{path: /a}] | left to you |
http.additional_rules.path | /a | left to you |
http.additional_rules.healthcheck | /up | left to you |
http.additional_rules.healthcheck.path | /up | left to you |
http.additional_rules.healthcheck.port | 80 | left to you |
http.additional_rules.healthcheck.success_codes | "200" | left to you |
http.additional_rules.healthcheck.healthy_threshold | 2 | left to you |
http.additional_rules.healthcheck.unhealthy_threshold | 2 | left to you |
http.additional_rules.healthcheck.interval | 10s | left to you |
http.additional_rules.healthcheck.timeout | 5s | left to you |
http.additional_rules.deregistration_delay | 5s | left to you |
http.additional_rules.target_container | envoy | left to you |
http.additional_rules.target_port | 81 | left to you |
http.additional_rules.stickiness | true | left to you |
http.additional_rules.allowed_source_ips | ["192.0.2.0/24"] | left to you |
http.additional_rules.alias | b.example.com | left to you |
http.additional_rules.hosted_zone | Z0123456789 | left to you |
http.additional_rules.redirect_to_https | true | left to you |
http.additional_rules.version | http2 | left to you |
nlb | {port: 443/tls} | left to you |
nlb.port | 443/tls | left to you |
nlb.healthcheck | {port: 80} | left to you |
nlb.healthcheck.port | 80 | left to you |
nlb.healthcheck.healthy_threshold | 3 | left to you |
nlb.healthcheck.unhealthy_threshold | 3 | left to you |
nlb.healthcheck.grace_period | 60s | left to you |
nlb.healthcheck.interval | 30s | left to you |
nlb.healthcheck.timeout | 10s | left to you |
nlb.target_container | envoy | left to you |
nlb.target_port | 81 | left to you |
nlb.ssl_policy | ELBSecurityPolicy-TLS13-1-2-2021-06 | left to you |
nlb.stickiness | true | left to you |
nlb.alias | tcp.example.com | left to you |
nlb.additional_listeners | [{port: 8443/tls}] | left to you |
nlb.additional_listeners.port | 8443/tls | left to you |
nlb.additional_listeners.healthcheck | {port: 80} | left to you |
nlb.additional_listeners.healthcheck.port | 80 | left to you |
nlb.additional_listeners.healthcheck.healthy_threshold | 3 | left to you |
nlb.additional_listeners.healthcheck.unhealthy_threshold | 3 | left to you |
nlb.additional_listeners.healthcheck.interval | 30s | left to you |
nlb.additional_listeners.healthcheck.timeout | 10s | left to you |
nlb.additional_listeners.target_container | envoy | left to you |
nlb.additional_listeners.target_port | 81 | left to you |
nlb.additional_listeners.ssl_policy | ELBSecurityPolicy-TLS13-1-2-2021-06 | left to you |
nlb.additional_listeners.stickiness | true | left to you |
image | {port: 80} | set otherwise |
image.build | ./Dockerfile | set otherwise |
image.build | {dockerfile: Dockerfile, args: {A: b}} | set otherwise |
image.location | nginx:1 | left to you |
image.credentials | arn:aws:secretsmanager:eu-west-1:123456789012:secret:x-a1B2c3 | left to you |
image.labels | {com.example: a} | left to you |
image.depends_on | {nginx: start} | left to you |
image.port | 8080 | set otherwise |
image.healthcheck | {command: ["CMD", "true"]} | set otherwise |
image.healthcheck.command | ["CMD", "true"] | set otherwise |
image.healthcheck.interval | 5s | set otherwise |
image.healthcheck.retries | 2 | set otherwise |
image.healthcheck.timeout | 5s | set otherwise |
image.healthcheck.start_period | 5s | set otherwise |
cpu | 1024 | taken over | tasks.cpu=1024
memory | 2048 | taken over | tasks.memory_mib=2048
platform | linux/arm64 | taken over | tasks.architecture='ARM64'
platform | linux/x86_64 | taken over | tasks.architecture='X86_64'
platform | windows/x86_64 | left to you |
platform | {osfamily: windows_server_2022_core, architecture: x86_64} | left to you |
count | 3 | taken over | tasks.min=3; tasks.max=3
count.spot | 2 | taken over | tasks.spot='always'; tasks.max=2
count.range | 2-6 | taken over | tasks.min=2; tasks.max=6
count.range.min | 2 | taken over | tasks.min=2
count.range.max | 6 | taken over | tasks.max=6
count.range.spot_from | 1 | taken over | tasks.spot='always'
count.cooldown | {in: 30s} | taken over | scaling.in_cooldown_s=30
count.cooldown.in | 30s | taken over | scaling.in_cooldown_s=30
count.cooldown.out | 60s | taken over | scaling.out_cooldown_s=60
count.cpu_percentage | 70 | taken over | scaling.cpu_percent=70
count.cpu_percentage.value | 70 | taken over | scaling.cpu_percent=70
count.cpu_percentage | 95 | set otherwise | scaling.cpu_percent=90
count.memory_percentage | 80 | taken over | scaling.memory_percent=80
count.memory_percentage.cooldown | {in: 80s} | set otherwise |
count.requests | 1000 | taken over | scaling.requests_per_task_per_minute=1000
count.response_time | 250ms | taken over | scaling.response_time_s=0.25
exec | true | taken over | execute_command=True
deployment | {rolling: default} | taken over |
deployment.rolling | default | taken over |
deployment.rolling | recreate | set otherwise |
deployment.rollback_alarms | ["MyAlarm"] | left to you |
deployment.rollback_alarms | {cpu_utilization: 70} | set otherwise |
entrypoint | ["gunicorn"] | said with the commands |
command | gunicorn wsgi:app | said with the commands |
network | {vpc: {placement: public}} | taken over |
network.connect | true | left to you |
network.connect.alias | api | left to you |
network.vpc | {placement: public} | taken over |
network.vpc.placement | private | taken over | network=NewVpc(egress=NatGateways(count=2))
network.vpc.placement | public | taken over |
network.vpc.placement.subnets | ["subnet-0123456789abcdef0"] | left to you |
network.vpc.placement.subnets.from_tags | {org: bi} | left to you |
network.vpc.security_groups | ["sg-0123456789abcdef0"] | left to you |
network.vpc.security_groups.from_cfn | Group | left to you |
network.vpc.security_groups.deny_default | true | set otherwise |
network.vpc.security_groups.groups | ["sg-0123456789abcdef0"] | left to you |
network.vpc.security_groups.groups | [{from_cfn: Group}] | left to you |
variables | {COLOUR: blue} | taken over | variables={'COLOUR': 'blue'}
variables.COLOUR | blue | taken over | variables={'COLOUR': 'blue'}
variables.QUEUE.from_cfn | Export | left to you |
variables.DB_PASSWORD | hunter2 | left to you |
variables.PORT | 80 | set otherwise |
env_file | web.env | said with the lines |
secrets | {TOKEN: /web/token} | taken over | secrets={'TOKEN': SecureParameter(name='/web/token')}
secrets.TOKEN | /web/token | taken over | secrets={'TOKEN': SecureParameter(name='/web/token')}
secrets.TOKEN | {secretsmanager: mysql} | left to you |
secrets.TOKEN.from_cfn | Export | left to you |
secrets.AWS_ACCESS_KEY_ID | /web/key | set otherwise |
storage | {ephemeral: 100} | taken over | tasks.ephemeral_storage_gib=100
storage.ephemeral | 100 | taken over | tasks.ephemeral_storage_gib=100
storage.readonly_fs | true | taken over |
storage.readonly_fs | false | set otherwise |
storage.volumes | {data: {path: /data}} | left to you |
storage.volumes.data.path | /data | left to you |
storage.volumes.data.read_only | true | left to you |
storage.volumes.data.efs | true | left to you |
storage.volumes.data.efs.id | fs-1234 | left to you |
storage.volumes.data.efs.id.from_cfn | Files | left to you |
storage.volumes.data.efs.root_dir | / | left to you |
storage.volumes.data.efs.uid | 1000 | left to you |
storage.volumes.data.efs.gid | 1000 | left to you |
storage.volumes.data.efs.auth | {iam: true} | left to you |
storage.volumes.data.efs.auth.iam | true | left to you |
storage.volumes.data.efs.auth.access_point_id | fsap-1234 | left to you |
publish | {topics: [{name: orders}]} | left to you |
publish.topics | [{name: orders}] | left to you |
publish.topics.topic | {name: orders} | left to you |
publish.topics.topic.name | orders | left to you |
publish.topics.topic.fifo | true | left to you |
publish.topics.topic.fifo.content_based_deduplication | true | left to you |
logging | {image: fluent-bit} | left to you |
logging.retention | 30 | taken over | log_days=30
logging.retention | 3653 | set otherwise | log_days=731
logging.image | fluent-bit | left to you |
logging.destination | {Name: datadog} | left to you |
logging.enableMetadata | true | left to you |
logging.secretOptions | {apikey: KEY} | left to you |
logging.configFilePath | /extra.conf | left to you |
logging.env_file | log.env | left to you |
observability | {tracing: awsxray} | taken over | trace_percent=5.0
observability.tracing | awsxray | taken over | trace_percent=5.0
taskdef_overrides | [{path: X, value: 1}] | left to you |
taskdef_overrides.path | X | left to you |
taskdef_overrides.value | 1 | left to you |
environments | {prod: {cpu: 1024}} | taken over as environments |
"""

# Of the types that are adopted beside: worker services, jobs and App Runner's.
OTHER_SERVICES = """
http.private | true | taken over | load_balancer.ingress=InsideVpc()
http.private.endpoint | vpce-12345 | left to you |
tags | {owner: web} | taken over | tags={'owner': 'web'}
subscribe | {topics: [{name: orders, service: api}]} | left to you |
subscribe.topics | [{name: orders}] | left to you |
subscribe.queue | {retention: 96h} | left to you |
subscribe.queue.dead_letter.tries | 3 | left to you |
count.queue_delay | {acceptable_latency: 10m} | left to you |
on | {schedule: "@daily"} | left to you |
on.schedule | "@daily" | left to you |
retries | 3 | left to you |
timeout | 1h | left to you |
files | [{source: src}] | left to you |
"""

ENVIRONMENT = """
name | prod | taken over |
type | Environment | set otherwise |
network | {vpc: {cidr: 10.0.0.0/16}} | taken over | network.cidr='10.0.0.0/16'
network.vpc | {cidr: 10.0.0.0/16} | taken over | network.cidr='10.0.0.0/16'
network.vpc.id | vpc-12345 | left to you |
network.vpc.cidr | 10.1.0.0/16 | taken over | network.cidr='10.1.0.0/16'
network.vpc.subnets | {public: [{id: subnet-1}]} | left to you |
network.vpc.subnets.public | [{id: subnet-1}] | left to you |
network.vpc.subnets.private | [{cidr: 10.0.1.0/24, az: eu-west-1a}] | set otherwise |
network.vpc.subnets.public.id | subnet-1 | left to you |
network.vpc.subnets.public.cidr | 10.0.0.0/24 | left to you |
network.vpc.subnets.public.az | eu-west-1a | set otherwise |
network.vpc.security_group | {ingress: [{ports: 80}]} | left to you |
network.vpc.security_group.ingress | [{ports: 80}] | left to you |
network.vpc.security_group.egress | [{ports: 80}] | left to you |
network.vpc.security_group.ingress.ip_protocol | tcp | left to you |
network.vpc.security_group.ingress.ports | 80 | left to you |
network.vpc.security_group.ingress.cidr | 0.0.0.0/0 | left to you |
network.vpc.flow_logs | on | taken over | network.log_days=14
network.vpc.flow_logs.retention | 30 | taken over | network.log_days=30
cdn | true | left to you |
cdn.certificate | arn:aws:acm:us-east-1:123456789012:certificate/a | left to you |
cdn.static_assets | {path: static/*} | left to you |
cdn.static_assets.alias | cdn.example.com | left to you |
cdn.static_assets.location | b.s3.eu-west-1.amazonaws.com | left to you |
cdn.static_assets.path | static/* | left to you |
cdn.terminate_tls | true | set otherwise |
http | {public: {ssl_policy: ELBSecurityPolicy-TLS13-1-1-2021-06}} | set otherwise |
http.public | {ssl_policy: ELBSecurityPolicy-TLS13-1-1-2021-06} | set otherwise |
http.public.certificates | ["arn:aws:acm:eu-west-1:123456789012:certificate/a"] | said with the domain |
http.public.access_logs | true | taken over | load_balancer.log_days=90
http.public.access_logs.bucket_name | logs | set otherwise |
http.public.access_logs.prefix | web | set otherwise |
http.public.ssl_policy | ELBSecurityPolicy-TLS13-1-1-2021-06 | set otherwise |
http.public.ingress | {cdn: true} | left to you |
http.public.ingress.cdn | true | left to you |
http.public.ingress.source_ips | ["192.0.2.0/24"] | taken over | load_balancer.ingress=Cidrs(cidrs=('192.0.2.0/24',))
http.private | {ssl_policy: ELBSecurityPolicy-TLS13-1-3-2021-06} | taken over |
http.private.certificates | ["arn:aws:acm:eu-west-1:123456789012:certificate/a"] | said with the domain |
http.private.subnets | ["subnet-1"] | left to you |
http.private.ingress | {vpc: true} | set otherwise |
http.private.ingress.vpc | true | set otherwise |
http.private.ssl_policy | ELBSecurityPolicy-TLS13-1-3-2021-06 | taken over |
observability | {container_insights: true} | taken over | container_insights=True
observability.container_insights | true | taken over | container_insights=True
"""

PIPELINE = """
name | web | set otherwise |
version | 1 | set otherwise |
source | {provider: GitHub} | left to you |
source.provider | GitHub | left to you |
source.properties | {branch: main} | set otherwise |
source.properties.access_token_secret | token | left to you |
source.properties.branch | main | set otherwise |
source.properties.repository | https://github.com/acme/web | left to you |
source.properties.connection_name | acme | set otherwise |
source.properties.output_artifact_format | CODE_ZIP | set otherwise |
build | {image: aws/codebuild/standard:7.0} | set otherwise |
build.image | aws/codebuild/standard:7.0 | set otherwise |
build.buildspec | buildspec.yml | left to you |
build.additional_policy | {PolicyDocument: {}} | left to you |
build.additional_policy.PolicyDocument | {Version: "2012-10-17"} | left to you |
stages | {name: test} | set otherwise |
stages.name | test | set otherwise |
stages.requires_approval | true | left to you |
stages.pre_deployments | {db: {buildspec: a.yml}} | left to you |
stages.pre_deployments.db.buildspec | a.yml | left to you |
stages.deployments | {web: {depends_on: []}} | set otherwise |
stages.deployments.web.depends_on | [db] | set otherwise |
stages.deployments.web.stack_name | a | set otherwise |
stages.deployments.web.template_path | a.yml | set otherwise |
stages.deployments.web.template_config | a.json | set otherwise |
stages.post_deployments | {smoke: {buildspec: a.yml}} | left to you |
stages.test_commands | [make test] | left to you |
"""

SIDECAR = """
port | 2000 | set otherwise |
image | public.ecr.aws/x/statsd:1 | taken over | image='public.ecr.aws/x/statsd:1'
image.build | ./sidecar/Dockerfile | left to you |
image.location | public.ecr.aws/x/statsd:1 | taken over | image='public.ecr.aws/x/statsd:1'
image.credentials | arn:aws:secretsmanager:eu-west-1:123456789012:secret:x-a1B2c3 | left to you |
essential | false | taken over | essential=False
credentialsParameter | arn:aws:secretsmanager:eu-west-1:123456789012:secret:x-a1B2c3 | left to you |
variables | {LEVEL: info} | said with the sidecar | variables={'LEVEL': 'info'}
secrets | {KEY: /web/key} | left to you |
env_file | a.env | left to you |
mount_points | [{path: /data}] | left to you |
mount_points.source_volume | data | left to you |
mount_points.path | /data | left to you |
mount_points.read_only | true | left to you |
labels | {a: b} | left to you |
depends_on | {web: start} | set otherwise | starts='after'
entrypoint | /bin/x | left to you |
command | ["--level", "2"] | taken over | command=('--level', '2')
healthcheck | {retries: 3} | set otherwise |
healthcheck.command | ["CMD", "true"] | taken over | health_command=('true',)
healthcheck.interval | 5s | set otherwise |
healthcheck.retries | 3 | set otherwise |
healthcheck.timeout | 5s | set otherwise |
healthcheck.start_period | 5s | set otherwise |
"""
# Fields that hold a list of mappings: those below them stand in an item of it.
_LISTS = ("http.additional_rules", "nlb.additional_listeners", "taskdef_overrides", "mount_points", "publish.topics.topic",
          "network.vpc.security_group.ingress", "network.vpc.subnets.public")  # fmt: skip


class Field(NamedTuple):
    """A field of a manifest, a value, and what shall become of it."""

    path: str
    value: Any
    verdict: Verdict | str
    sets: dict[str, str]

    def manifest(self) -> dict[str, Any]:
        """Return a manifest that has this field alone."""
        result: Any = self.value
        words = self.path.split(".")
        for length in range(len(words), 0, -1):
            is_list = ".".join(words[:length]) in _LISTS and length < len(words)
            result = {words[length - 1]: [result] if is_list else result}
        return dict(result)


def fields(table: str) -> list[Field]:
    """Return the rows of a table."""
    yaml = YAML(typ="safe", pure=True)
    rows = [
        [cell.strip() for cell in f"{line} ".split(" | ", 3)] for line in table.splitlines() if line.strip()
    ]
    found = []
    for path, value, verdict, *sets in rows:
        pairs = (
            each.partition("=")
            for each in (sets[0].strip(" |").split("; ") if sets and sets[0].strip(" |") else [])
        )
        found.append(
            Field(path, yaml.load(value), verdict.strip(" |"), {name: code for name, _, code in pairs})
        )
    return found
