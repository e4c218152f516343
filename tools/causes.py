"""List known causes of failed deployments: their signature, what it means, and what to do.

A signature is searched in each line of evidence, which begins with its source: `stack:`, `deployment:`,
`event:`, `task:`, `container:`, `log:`, `secret:` or `alarm:`. The first cause in this order that fits is
shown, so the causes that explain most come first. ECS's texts:
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/stopped-task-error-codes.html,
service-event-messages-list.html and resolve-resource-initialization.html.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

_NO_ROUTE = (
    r"(i/o timeout|context deadline exceeded|dial tcp|connection timed out|request canceled|no such host)"
)
_PULL = r"^task: .*CannotPull\w*Error.*"
_SECRETS = r"^task: .*ResourceInitializationError.*(secret|ssm|registry auth).*"
_UNHEALTHY = r"^event: .*is unhealthy in .*"


@dataclass(frozen=True)
class Cause:
    """A cause of failed deployments; `signature` is a regular expression that ignores case."""

    name: str
    signature: str
    cause: str
    fix: str

    def fits(self, line: str) -> bool:
        """Return whether a line of evidence gives this cause away."""
        return re.search(self.signature, line, re.IGNORECASE) is not None


CAUSES: Sequence[Cause] = (
    Cause(
        "alarm",
        r"^deployment: .*\balarms?\b",
        "An alarm went on while the release was new, so ECS rolled it back: its tasks were healthy, its"
        " answers not.",
        "`make status` shows alarms that are on; read the log of the time. If the alarm was on before the"
        " deployment, as with the maintenance page, no deployment can pass it.",
    ),
    Cause(
        "stopped-by-a-person",
        r"^deployment: .*StopServiceDeployment|^deployment: .*(stopped|requested) by (a )?user",
        "Somebody stopped the deployment, with `make rollback` or in the console.",
        "Ask who did; nothing is broken. Deploy again when the reason is gone.",
    ),
    Cause(
        "architecture-of-the-image",
        _PULL + r"(does not contain descriptor matching platform|no match(ing manifest)? for platform)",
        "The image was built for another processor than the task's.",
        "Build for tasks.architecture of infra/environments.py: docker buildx build --platform"
        " linux/arm64, or set tasks.architecture to what was built.",
    ),
    Cause(
        "exec-format-error",
        r"exec format error",
        "The program in the image is for another processor than the task's, or is a script without its #!"
        " line.",
        "Build for tasks.architecture of infra/environments.py (ARM64 by default; CI machines are mostly"
        " X86_64).",
    ),
    Cause(
        "image-no-route",
        _PULL + _NO_ROUTE,
        "The task cannot reach the registry: its subnet has no way out.",
        "Check network.egress: public subnets need public IPs, private ones a NAT gateway or Endpoints();"
        " with an ExistingVpc, look at its routes, endpoints (ecr.api, ecr.dkr, S3) and their security"
        " groups.",
    ),
    Cause(
        "image-rate-limit",
        _PULL + r"(toomanyrequests|rate limit)",
        "Docker Hub refuses more anonymous pulls from this address for now.",
        "Take images from ECR: build FROM public.ecr.aws/docker/library/..., or set up a pull-through cache.",
    ),
    Cause(
        "image-not-allowed",
        _PULL + r"(pull access denied|not authorized|AccessDenied|403 Forbidden|no basic auth credentials)",
        "The execution role may not pull the image.",
        "Let the role read the repository (`repository.grant_pull`); a repository of another account must"
        " admit this one, too.",
    ),
    Cause(
        "image-missing",
        _PULL + r"(not found|does not exist|manifest unknown)",
        "The registry has no such image: never pushed, or removed by a lifecycle rule or `cdk gc`.",
        "Deploy with the digest of an image that is there; `npx cdk deploy` builds and pushes the asset"
        " again.",
    ),
    Cause(
        "secret-no-route",
        _SECRETS + _NO_ROUTE,
        "The task cannot reach Secrets Manager or Parameter Store: its subnet has no way out.",
        "Check network.egress as for images. Endpoints() has secretsmanager and ssm; a secret with a KMS key"
        ' of your own needs network.egress.services=("kms",) too.',
    ),
    Cause(
        "secret-not-allowed",
        _SECRETS + r"(AccessDenied|not authorized|kms)",
        "The execution role may not read a secret, or not decrypt it.",
        "Name the secret in secrets of infra/environments.py, which grants reading it; if it has a KMS key"
        " of its own, name that in kms_key_arn there.",
    ),
    Cause(
        "secret-without-key",
        _SECRETS + r"(did not contain json key|invalid character)|^secret: .*is no JSON object",
        "The secret is there, but is not JSON with the key that the task definition names.",
        "`make secret NAME=...` with the variable's name stores the key's value; or correct json_key in"
        " secrets of infra/environments.py. Then deploy again.",
    ),
    Cause(
        "secret-missing",
        _SECRETS + r"(ResourceNotFound|can't find|ParameterNotFound|invalid parameters|cannot be read)"
        r"|^secret: .* has no value",
        "A secret or parameter that the task definition names does not exist in this account and region.",
        "`make secrets` shows which has no value, and `make secret NAME=...` stores one (with ENV and LOCAL"
        " as here); then deploy again. If its name is wrong, correct it in infra/environments.py.",
    ),
    Cause(
        "log-group-missing",
        r"^task: .*ResourceInitializationError.*(logg(er|ing)|log group)",
        "The log driver cannot start: the log group is gone, or the execution role may not write to it.",
        "`npx cdk drift` shows what was deleted by hand; deploy it again, or grant logs:PutLogEvents.",
    ),
    Cause(
        "deletion-protection",
        r"^stack: .*(deletion protection|OperationNotPermitted.*load.?balancer)",
        "CloudFormation was to delete a load balancer that deletion protection keeps: in the rollback of a"
        " first deploy, or after a replacement.",
        "Switch it off: `aws elbv2 modify-load-balancer-attributes --load-balancer-arn ARN --attributes"
        " Key=deletion_protection.enabled,Value=false`; after a failed first deploy, `make destroy` does.",
    ),
    Cause(
        "linked-role-missing",
        r"^(stack|event): .*(service.?linked.?role|aws-service-role/|AWSServiceRoleFor)",
        "The account has never used ECS, or its scaling, before: AWS's own role for it does not exist, or was"
        " made a moment ago and cannot be used yet.",
        "Once for each account: `aws iam create-service-linked-role --aws-service-name ecs.amazonaws.com`,"
        " and the same for ecs.application-autoscaling.amazonaws.com; deploy again a minute later."
        " `make doctor` shows what else is missing.",
    ),
    Cause(
        "role",
        r"^(task|event|stack): .*(unable to assume (the )?role|not authorized to perform: iam:PassRole)",
        "ECS may not use the task's roles.",
        "Do not edit roles by hand: `npx cdk drift` shows what differs. The deploying role needs"
        " iam:PassRole.",
    ),
    Cause(
        "subnet-without-addresses",
        r"InsufficientFreeAddresses|insufficient (number of )?free (ip )?addresses",
        "The subnets have no free addresses: each task takes one, and a deployment doubles the tasks.",
        "Give the tasks larger or more subnets (network.cidr), or let unused network interfaces go.",
    ),
    Cause(
        "interface-limit",
        r"NetworkInterfaceLimitExceeded|maximum number of network interfaces|interfaces? limit",
        "The region has no network interface left for this account: each task takes one, and a deployment"
        " doubles the tasks.",
        "Ask for more (Service Quotas, Amazon VPC: network interfaces per Region, L-DF5E4CA3), or let unused"
        " ones go: `aws ec2 describe-network-interfaces --filters Name=status,Values=available`.",
    ),
    Cause(
        "certificate-not-validated",
        r"^stack: .*\(AWS::CertificateManager::Certificate\) .*"
        r"(tim(e|ed)[ -]?out|attempts to wait|stabili[sz]e|in FAILED status)",
        "ACM did not see the certificate's DNS record in time: the zone is not the one that the world asks,"
        " or a CAA record forbids Amazon.",
        "`dig NS` of the domain must give the name servers of domain.hosted_zone_id; correct them at the"
        " registrar, then deploy again. With domain.certificate_arns you bring a certificate that is valid.",
    ),
    Cause(
        "account-limit",
        r"limit on the number of (vCPUs|tasks)|LimitExceeded|quota",
        "A limit of the account is reached.",
        "Ask for more (Service Quotas, Fargate on-demand or Spot vCPUs), or lower tasks.max meanwhile.",
    ),
    Cause(
        "no-capacity",
        r"capacity is unavailable|unable to place a task.*capacity|RESOURCE:(CPU|MEMORY)",
        "AWS has no Fargate capacity of this kind in these zones now; on Spot this is to be expected.",
        "Wait, add availability_zones, or set tasks.spot to 'above_min' or 'never' and deploy.",
    ),
    Cause(
        "spot-taken-back",
        r"^task: SpotInterruption|spot (task was )?interrupted",
        "AWS took Spot capacity back; tasks that are being replaced are no fault of the release.",
        "Deploy again; with tasks.spot 'above_min' the minimum of tasks is never taken.",
    ),
    Cause(
        "out-of-memory",
        r"^(container|task): .*(OutOfMemory|killed due to memory usage)",
        "The container used more memory than the task has, and was killed (exit code 137).",
        "Raise tasks.memory_mib, or lower workers or threads; tasks.worker_mib is what one idle worker"
        " needs.",
    ),
    Cause(
        "port-in-use",
        r"^log: .*(cannot be listened on|address already in use|connection in use)",
        "Something else in the task listens on the port already, most often a second server or a sidecar.",
        "Containers of a task share their ports: give the sidecar another one, and start Gunicorn once.",
    ),
    Cause(
        "variable-missing",
        r"^log: .*(service cannot start: .*is not set|KeyError: '[A-Z][A-Z0-9_]+')",
        "The service needs an environment variable that the task definition does not set.",
        "Set it in variables or secrets of infra/environments.py; the log line above names it.",
    ),
    Cause(
        "variable-wrong",
        r"^log: .*service cannot start: ",
        "The service does not accept the value of an environment variable.",
        "The log line above names the variable, the value and what is allowed.",
    ),
    Cause(
        "package-missing",
        r"^log: .*(ModuleNotFoundError|ImportError|No module named|cannot import name)",
        "The image lacks a Python package or module that the app imports.",
        "Add it to service/requirements.in or your own lock, run `make lock`, and check that .dockerignore"
        " does not leave it out.",
    ),
    Cause(
        "read-only-root",
        r"^log: .*(Read-only file system|attempt to write a readonly database|unable to open database file"
        r"|PermissionError: \[Errno 13\] Permission denied: '.*(/app/|/images/))",
        "The app writes to the image's file system, which is read-only.",
        "Write below /tmp, the only place that can be written to, or to S3 or EFS. For Flask's own folder:"
        ' Flask(__name__, instance_path="/tmp/instance"). For a first look at an app with SQLite, give the'
        " variable of its database sqlite:////tmp/app.db; a task's disk ends with it.",
    ),
    Cause(
        "database-password",
        r"^(log|stack): .*(password authentication failed for user|role \"[^\"]+\" does not "
        r"exist)",
        "The database refuses the user or the password.",
        "The secret and the database differ. With `database=Postgres()`, deploy again: the "
        "release command gives the user the password of the secret. With an ExistingDatabase,"
        " write the right value with `make secret`.",
    ),
    Cause(
        "database-full",
        "too many clients already|remaining connection slots are reserved|too many "
        "connections for (role|database)",
        "The database has no connection left: the pools of all workers together, twice in a "
        "deployment, open more than it accepts.",
        "Lower tasks.max, tasks.workers or the pool, or take a larger database.instance; the "
        "synth counts them if `database` says pool_size and max_connections. Sessions that a "
        "stopped program left end by themselves within minutes.",
    ),
    Cause(
        "database-tls",
        r"no pg_hba\.conf entry for host|server does not support SSL|SSL error: certificate verify failed"
        r"|root certificate file .* does not exist",
        "Client and database do not agree about TLS: one asks for it, or the other's "
        "certificate is not known.",
        "RDS takes TLS alone (rds.force_ssl): leave sslmode=require in the URL. For verify-"
        "full, bring Amazon's bundle global-bundle.pem into the image, and name it in "
        "sslrootcert.",
    ),
    Cause(
        "database-name-unknown",
        "could not translate host name|failed to resolve host|Temporary failure in name resolution.*5432",
        "The database's host name has no address where the task runs.",
        "Check host of the database and, with an ExistingVpc, that its DNS support is on; a "
        "name of a private zone is known in its own VPCs alone.",
    ),
    Cause(
        "database-unreachable",
        "(port 5432|server at) .*(timed out|timeout expired|Connection refused|No route to "
        "host)|connection timeout expired|Is the server running on (that|host)",
        "The database does not answer: a security group or route is in the way, it is "
        "restarting, or the port is another.",
        "The tasks' security group must be let in by the database's (with "
        "`database=Postgres()` the stack does that); look whether the instance is available.",
    ),
    Cause(
        "database-missing",
        'database "[^"]+" does not exist',
        "The server has no database of that name.",
        "`name` of the database is taken by a new instance only: make the database by hand, "
        "or correct the name.",
    ),
    Cause(
        "migration-heads",
        "Multiple head revisions are present",
        "Two migrations follow the same one, most often from two pull requests, so `upgrade "
        "head` does not know which is last.",
        'Join them: `make flask ARGS="db merge heads"`, or let one follow the other by its '
        "down_revision. `make review` finds it before.",
    ),
    Cause(
        "migration-unknown",
        "Can't locate revision identified by",
        "The database has run a migration that this image does not have: of a newer version, "
        "or of a branch that is gone.",
        "Deploy the version that has it, or bring the file back; the table of "
        "Alembic in the database holds its name.",
    ),
    Cause(
        "migration-lock",
        "canceling statement due to lock timeout|LockNotAvailable",
        "A migration waited for a table that others use, and was ended before all requests "
        "would have waited behind it.",
        "Deploy again at a quieter time, or make it smaller: an index with "
        "postgresql_concurrently, a constraint with postgresql_not_valid. A session that is "
        "idle in a transaction holds its locks: end it.",
    ),
    Cause(
        "database-behind",
        r"UndefinedTable|UndefinedColumn|relation \"[^\"]+\" does not exist|column \"?[\w.]+"
        r"\"? (of relation \"[^\"]+\" )?does not exist",
        "The database has not the tables or columns that this version uses: a migration did "
        "not run, or was taken back.",
        'Set release_command, such as ("flask", "db", "upgrade"), so that it runs before each'
        ' version serves; locally `make flask ARGS="db upgrade"`.',
    ),
    Cause(
        "database-rights",
        "permission denied for (schema|table|sequence|database)|must be owner of "
        "(table|relation|schema)|InsufficientPrivilege",
        "The user of the app may not do that in the database.",
        "What the administrator made belongs to the administrator: let the release command "
        "make tables as the app's user, or GRANT what the line names.",
    ),
    Cause(
        "database-connection-shared",
        "decryption failed or bad record mac|lost synchronization with server|SSL SYSCALL "
        "error: EOF detected",
        "A connection that was opened before Gunicorn forked is used by several workers at once.",
        "Open connections in the worker: create the engine in create_app, query nothing while"
        " it is imported, or call db.engine.dispose(close=False) after the fork.",
    ),
    Cause(
        "database-pool-empty",
        r"QueuePool limit of size \d+ overflow \d+ reached|PoolTimeout",
        "All connections of the worker's pool are in use: more threads than connections, or "
        "requests that keep one too long.",
        "Give the pool as many connections as tasks.threads (SQLALCHEMY_ENGINE_OPTIONS), say "
        "the same as pool_size of `database`, and end sessions with the request.",
    ),
    Cause(
        "database-read-only",
        r"cannot execute \w+( \w+)? in a read-only transaction|ReadOnlySqlTransaction",
        "The app writes through a connection to a replica, or to an instance that a failover has made one.",
        "Give writes the writer's address. After a failover old connections end with "
        "pool_pre_ping=True or a pool_recycle; restart the service otherwise.",
    ),
    Cause(
        "task-role",
        r"^log: .*(AccessDenied|is not authorized to perform|UnauthorizedOperation)",
        "The app called an AWS API that its task role does not allow.",
        "Grant what the line names in infra/additions.py, for example"
        " `bucket.grant_read(stack.task.definition.task_role)`; where a worker called it, for each of"
        " stack.task_roles.",
    ),
    Cause(
        "release-command-timeout",
        r"^stack: .*The release command did not end within",
        "The release command took too long, so the new version was not deployed.",
        "Raise release_timeout_s (840 at most) in infra/environments.py, or do long work outside of a"
        " release, with `make run-task`.",
    ),
    Cause(
        "release-command",
        r"^stack: .*The release command (ended with exit code|could not)",
        "The release command failed, so the new version was not deployed.",
        "Its last lines say why. Correct it, or release_command in infra/environments.py, and deploy again;"
        " what it had done before it failed is not undone.",
    ),
    Cause(
        "boot-failure",
        r"^log: .*(Worker failed to boot|App failed to load|Worker \(pid:\d+\) exited with code 3)"
        r"|^log: Error: |^container: .*exit code [34]\b",
        "Gunicorn could not load the app or its own configuration (exit code 3 or 4, or 1 with `Error:`):"
        " something raises while it is imported or created.",
        "The traceback in the log says where. `make run` starts the same command here.",
    ),
    Cause(
        "command-missing",
        r"^(task|container): .*(Cannot(Start|Create)ContainerError|executable file not found)",
        "The container's command is not in the image, or may not be run by its user.",
        "Command and image belong together: COMMAND in infra/task/task.py, CMD in service/Dockerfile.",
    ),
    Cause(
        "health-check-redirected",
        _UNHEALTHY + r"codes: \[30\d",
        "The health check got a redirect: to HTTPS, to a login, or to the path with a slash at its end.",
        "Let health_check.path be answered with 200 before anything redirects, as /healthz is.",
    ),
    Cause(
        "health-check-host",
        _UNHEALTHY + r"codes: \[400",
        "The app refuses the health check's Host, which is the task's address (TRUSTED_HOSTS and the like).",
        "Answer health_check.path before the host is checked, as /healthz does.",
    ),
    Cause(
        "health-check-login",
        _UNHEALTHY + r"codes: \[40[13]",
        "The health check's path asks for a login.",
        "Let health_check.path be answered without one, as /healthz is.",
    ),
    Cause(
        "health-check-not-found",
        _UNHEALTHY + r"codes: \[404",
        "The app does not serve the path that the load balancer asks.",
        "Set health_check.path to one that it serves; /healthz comes with the service kit.",
    ),
    Cause(
        "wrong-port",
        _UNHEALTHY + r"(reason Health checks failed\)|codes: \[503)",
        "Nobody listens where the load balancer knocks, or its proxy, which then answers 503: another port,"
        " 127.0.0.1 in place of 0.0.0.0, or an app that has not started yet.",
        "Bind to HOST and PORT as service/gunicorn_conf.py does; `cdk diff` shows a changed port. Raise"
        " health_check.grace_s for an app that starts slowly.",
    ),
    Cause(
        "health-check-error",
        _UNHEALTHY + r"codes: \[5\d\d",
        "The app answers the health check with an error.",
        "The log says why. The check must not ask a database: that belongs to /readyz.",
    ),
    Cause(
        "health-check-timeout",
        _UNHEALTHY + r"timed out",
        "The health check had no answer in time: every thread is busy, the start takes longer than"
        " health_check.grace_s, or a security group keeps the load balancer out.",
        "Raise health_check.grace_s or tasks.cpu; `npx cdk drift` shows security groups changed by hand.",
    ),
    Cause(
        "container-health-check",
        r"^task: .*failed container health checks",
        "The container's own health check fails, often for a program such as curl that the image lacks.",
        "Check 127.0.0.1 with Python as the Dockerfile does, and give it a start period.",
    ),
    Cause(
        "exit-at-once",
        r"^container: .*exit code 0\b",
        "The container's command ended by itself without an error: it is no server, or went to the"
        " background.",
        "Run Gunicorn in the foreground, in exec form, without `&` or --daemon; let a worker's command go on"
        " until SIGTERM.",
    ),
    Cause(
        "killed",
        r"^container: .*exit code 137\b",
        "The container was killed: out of memory without a word of it, or slower to stop than its stop"
        " timeout.",
        "Look at memory in the dashboard; a clean stop must fit into longest_request_s, of a worker into its"
        " longest_job_s.",
    ),
    Cause(
        "exit",
        r"^container: .*exit code [1-9]",
        "The container's command ended with an error.",
        "The last lines of the log say which; `make run` starts the same command here.",
    ),
    Cause(
        "worker-dead-letters",
        r"^alarm: .*DeadLetters",
        "A worker could not do some work, as often as it was given out; SQS has put it aside.",
        "Its log has the error. Correct that, deploy, then send the messages again: docs/workers.md has the"
        " commands for both.",
    ),
    Cause(
        "worker-nobody",
        r"^alarm: .*NobodyWorks",
        "No task of a worker runs, and why its last ones ended is no longer told.",
        "Its log has their last lines, docs/workers.md the command. Deploy again, and look again while tasks"
        " fail.",
    ),
    Cause(
        "worker-slow",
        r"^alarm: .*OldestMessage",
        "Work waits for too long: a worker is at its most tasks, hangs, or does not delete what it has done.",
        "`make status` shows its tasks and its queue. Raise its max in workers of infra/environments.py, or"
        " lower backlog_per_task.",
    ),
    Cause(
        "health-check",
        r"^(task|event): .*(failed ELB health checks|is unhealthy in)",
        "The tasks started, but never answered the load balancer's health check as it expects.",
        "Its last lines say what they do; curl health_check.path under `make run`.",
    ),
    Cause(
        "circuit-breaker",
        r"circuit breaker",
        "Too many tasks failed, so ECS ended the deployment; what they died of is no longer told.",
        "Deploy again, and run this command in a second terminal while tasks fail: ECS knows then what it has"
        " forgotten now. `npx cdk deploy` with --no-rollback leaves everything as it failed.",
    ),
)


def nearest(lines: Iterable[str], *, most: int = 3) -> list[Cause]:
    """Return the causes that share most with evidence that none of them fits; rare words count more."""
    texts = {each.name: _words(f"{each.name} {each.signature} {each.cause} {each.fix}") for each in CAUSES}
    spread = Counter(word for words in texts.values() for word in words)
    given = _words(" ".join(lines))

    def shared(cause: Cause) -> float:
        return sum(1 / spread[word] for word in given & texts[cause.name])

    return [each for each in sorted(CAUSES, key=shared, reverse=True)[:most] if shared(each)]


def _words(text: str) -> set[str]:
    return set(re.findall(r"[a-z]{5,}", text.lower()))


def of(lines: Iterable[str]) -> Cause | None:
    """Return the first cause of the table that any of the lines gives away."""
    given = list(lines)
    return next((cause for cause in CAUSES if any(cause.fits(line) for line in given)), None)
