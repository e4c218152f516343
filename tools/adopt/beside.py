"""Say what a server beside the app becomes: a container of compose, or an add-on of Heroku."""

import re

DATABASE = (
    "`database=Postgres()` of the environment makes one in AWS and on the laptop, and gives the app its "
    "DATABASE_URL (docs/data.md); the driver, such as psycopg[binary], is a package of the app"
)
_BESIDE = {
    r"postgres|timescale|postgis": DATABASE,
    r"mysql|mariadb|mongo|mssql|jawsdb|cleardb": "such a database is elsewhere: its address is a secret "
    "(docs/configuration.md); PostgreSQL would be `database=Postgres()`",
    r"redis|valkey|keydb": "`cache=Valkey()` of the environment makes one in AWS and on the laptop, and "
    "gives the app its CACHE_URL; docs/cache.md says what works with it (Celery does, RQ does not)",
    r"memcache|bullmq": "a cache or queue is no part of a service: `cache=Valkey()` (docs/cache.md), or SQS: "
    "`workers` (docs/workers.md)",
    r"rabbitmq|amqp|kafka|nats|elasticmq": "`workers` with a queue of SQS (docs/workers.md); or one "
    "elsewhere",
    r"nginx|traefik|caddy|haproxy|httpd": "`proxy`: each task has nginx or Apache before Gunicorn already",
    r"mailhog|mailpit|mailcatcher|maildev|adminer|pgadmin|localstack|minio": "it stays on the laptop",
    r"scheduler|cron": "`jobs` (docs/workers.md): EventBridge Scheduler runs a task at times of day",
    r"papertrail|logentries|logdna|coralogix|logtail|scout|newrelic": "the log goes to CloudWatch, for "
    "`log_days`; what reads it elsewhere is a sidecar (docs/recipes/firelens.py) or a subscription",
    r"mailgun|sendgrid|postmark|sparkpost|mailersend|mailtrap": "mail goes through the same provider: its "
    "key is a secret (docs/configuration.md)",
}


def beside(name: str) -> str | None:
    """Return what becomes of a server by its image or plan, or None for one that is not known."""
    return next((here for pattern, here in _BESIDE.items() if re.search(pattern, name)), None)
