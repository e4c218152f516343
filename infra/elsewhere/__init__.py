"""Write an environment for Google Cloud and for Azure, or refuse it with sentences."""

from infra.elsewhere.azure_alerts import azure_alerts
from infra.elsewhere.cloud_run import account, cloud_run_service
from infra.elsewhere.cloud_run_work import (
    cloud_run_job,
    cloud_run_jobs,
    cloud_run_workers,
    cloud_schedule,
    starter,
)
from infra.elsewhere.container_app import container_app, identity
from infra.elsewhere.container_app_work import container_app_job, container_app_jobs, container_app_workers
from infra.elsewhere.containers import Images, proxy_hops
from infra.elsewhere.fates import FATES
from infra.elsewhere.front_door import firewall_name, front_door
from infra.elsewhere.google_alerts import alert_policy, log_metrics, notification_channel
from infra.elsewhere.load_balancer import load_balancer
from infra.elsewhere.refusals import RefusedError, notes, refusals, refuse
from infra.elsewhere.schema import (
    api_version,
    cloud_run_mistakes,
    cloud_schedule_mistakes,
    container_app_mistakes,
    google_mistakes,
    template_mistakes,
    terraform_mistakes,
)
from infra.elsewhere.timeouts import CLOUD_RUN_STOP_S, timeouts

__all__ = [
    "CLOUD_RUN_STOP_S",
    "FATES",
    "Images",
    "RefusedError",
    "account",
    "alert_policy",
    "api_version",
    "azure_alerts",
    "cloud_run_job",
    "cloud_run_jobs",
    "cloud_run_mistakes",
    "cloud_run_service",
    "cloud_run_workers",
    "cloud_schedule",
    "cloud_schedule_mistakes",
    "container_app",
    "container_app_job",
    "container_app_jobs",
    "container_app_mistakes",
    "container_app_workers",
    "firewall_name",
    "front_door",
    "google_mistakes",
    "identity",
    "load_balancer",
    "log_metrics",
    "notes",
    "notification_channel",
    "proxy_hops",
    "refusals",
    "refuse",
    "starter",
    "template_mistakes",
    "terraform_mistakes",
    "timeouts",
]
