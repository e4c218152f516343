"""Write what works beside requests for Cloud Run: worker pools, jobs, and when these start."""

from typing import Any

from infra.elsewhere.cloud_run import RUN, account, labels, network, plain
from infra.elsewhere.containers import Images, beside, release
from infra.elsewhere.schedule import five_fields
from infra.elsewhere.timeouts import JOB_RESERVE_S
from infra.parameters import Environment, Google, Job, Tasks, Worker

# Where Cloud Run starts nothing for a moment, as often and for as long as on AWS (infra/work/job.py).
_TRIES, _LATE_S = 5, 900


def cloud_run_job(environment: Environment, place: Google, images: Images) -> dict[str, Any] | None:
    """Return the manifest of the job that runs the release command; None without one."""
    if not environment.release_words:
        return None
    made = plain(release(environment, place, images), place)
    return _job(environment, place, made, tasks=environment.tasks, timeout_s=environment.release_timeout_s)


def cloud_run_jobs(environment: Environment, place: Google, images: Images) -> list[dict[str, Any]]:
    """Return the manifests of the jobs that run at times of day."""
    return [
        _job(
            environment,
            place,
            plain(beside(each, environment, place, images), place),
            tasks=each.size(environment.tasks),
            timeout_s=each.timeout_s + JOB_RESERVE_S,
        )
        for each in environment.jobs
    ]


def cloud_run_workers(environment: Environment, place: Google, images: Images) -> list[dict[str, Any]]:
    """Return the manifests of the worker pools, each with a fixed number of instances.

    https://docs.cloud.google.com/run/docs/configuring/workerpools/manual-scaling
    """
    return [_pool(each, environment, place, images) for each in environment.workers]


def starter(environment: Environment, place: Google) -> str:
    """Return the service account by which Cloud Scheduler starts the jobs; it may do nothing else."""
    return f"web-{environment.name}-jobs@{place.project}.iam.gserviceaccount.com"


def cloud_schedule(job: Job, environment: Environment, place: Google) -> dict[str, Any]:
    """Return when Cloud Scheduler starts a job, as its interface names that.

    https://docs.cloud.google.com/run/docs/execute/jobs-on-schedule
    """
    name, where = f"web-{environment.name}-{job.name}", f"projects/{place.project}/locations/{place.region}"
    return {
        "name": f"{where}/jobs/{name}",
        "schedule": five_fields(job.schedule),
        "timeZone": job.time_zone,
        "retryConfig": {"retryCount": _TRIES, "maxRetryDuration": f"{_LATE_S}s"},
        "httpTarget": {
            "uri": f"https://run.googleapis.com/v2/{where}/jobs/{name}:run",
            "httpMethod": "POST",
            "oauthToken": {"serviceAccountEmail": starter(environment, place)},
        },
    }


def _pool(worker: Worker, environment: Environment, place: Google, images: Images) -> dict[str, Any]:
    made = plain(beside(worker, environment, place, images), place)
    made["resources"] = _limits(worker.size(environment.tasks))
    return {
        "apiVersion": f"{RUN}/v1",
        "kind": "WorkerPool",
        "metadata": {
            "name": f"web-{environment.name}-{worker.name}",
            "labels": labels(environment),
            "annotations": {
                f"{RUN}/scalingMode": "manual",
                f"{RUN}/manualInstanceCount": str(worker.min),
            },
        },
        "spec": {
            "template": {
                "metadata": {"labels": labels(environment), "annotations": network(environment, place)},
                "spec": {"serviceAccountName": account(environment, place), "containers": [made]},
            },
            "instanceSplits": [{"latestRevision": True, "percent": 100}],
        },
    }


def _job(
    environment: Environment, place: Google, made: dict[str, Any], *, tasks: Tasks, timeout_s: int
) -> dict[str, Any]:
    task = {
        "serviceAccountName": account(environment, place),
        "timeoutSeconds": str(timeout_s),
        "maxRetries": 0,  # a second run after half of a first one may do harm
        "containers": [{**made, "resources": _limits(tasks)}],
    }
    return {
        "apiVersion": f"{RUN}/v1",
        "kind": "Job",
        "metadata": {"name": f"web-{environment.name}-{made['name']}", "labels": labels(environment)},
        "spec": {
            "template": {
                "metadata": {"annotations": network(environment, place)},
                "spec": {"parallelism": 1, "taskCount": 1, "template": {"spec": task}},
            }
        },
    }


def _limits(tasks: Tasks) -> dict[str, Any]:
    return {"limits": {"cpu": f"{tasks.cpu / 1024:g}", "memory": f"{tasks.memory_mib}Mi"}}
