"""Write an environment as a service of Cloud Run, in the YAML that `gcloud run services replace` takes."""

import json
from typing import Any

from infra.elsewhere.cloud_run_limits import LONGEST_START_S, proxy_mib, slots, web_mib
from infra.elsewhere.containers import PORT, SHARED, Container, Images, containers, release
from infra.parameters import Environment, Google, InsideVpc, NatGateways, NewLoadBalancer, NewVpc, RegionalNat

_RUN = "run.googleapis.com"
# Enough beside Python, which needs fifty times as much for a request; more memory must have more CPU.
# https://docs.cloud.google.com/run/docs/configuring/services/cpu
_PROXY_CPU = ((512, "0.25"), (1024, "0.5"))
_START_PERIOD_S = 5


def cloud_run_service(environment: Environment, place: Google, images: Images) -> dict[str, Any]:
    """Return the manifest of the service; of an environment that refuse() lets pass."""
    tasks = environment.tasks
    return {
        "apiVersion": "serving.knative.dev/v1",
        "kind": "Service",
        "metadata": {
            "name": f"web-{environment.name}",
            "labels": _labels(environment),
            "annotations": {
                **_ingress(environment, place),
                f"{_RUN}/minScale": str(0 if environment.sleep else tasks.min),
                f"{_RUN}/maxScale": str(tasks.max),
            },
        },
        "spec": {
            "template": {
                "metadata": {"labels": _labels(environment), "annotations": _of_revision(environment, place)},
                "spec": {
                    "serviceAccountName": account(environment, place),
                    "containerConcurrency": slots(environment),
                    "timeoutSeconds": environment.longest_request_s,
                    "containers": [
                        _container(each, environment, place)
                        for each in containers(environment, place, images)
                    ],
                    "volumes": [{"name": SHARED, "emptyDir": {"medium": "Memory"}}],
                },
            },
            "traffic": [{"latestRevision": True, "percent": 100}],
        },
    }


def cloud_run_job(environment: Environment, place: Google, images: Images) -> dict[str, Any] | None:
    """Return the manifest of the job that runs the release command; None without one."""
    if not environment.release_words:
        return None
    made = _plain(release(environment, place, images), place)
    tasks = environment.tasks
    made["resources"] = {"limits": {"cpu": f"{tasks.cpu / 1024:g}", "memory": f"{tasks.memory_mib}Mi"}}
    task = {
        "serviceAccountName": account(environment, place),
        "timeoutSeconds": str(environment.release_timeout_s),
        "maxRetries": 0,  # a second run after half of a first one may do harm
        "containers": [made],
    }
    network = _network(environment, place)
    return {
        "apiVersion": "run.googleapis.com/v1",
        "kind": "Job",
        "metadata": {"name": f"web-{environment.name}-release", "labels": _labels(environment)},
        "spec": {
            "template": {
                "metadata": {"annotations": network},
                "spec": {"parallelism": 1, "taskCount": 1, "template": {"spec": task}},
            }
        },
    }


def account(environment: Environment, place: Google) -> str:
    """Return the service account that the service runs as."""
    return f"web-{environment.name}@{place.project}.iam.gserviceaccount.com"


def _labels(environment: Environment) -> dict[str, str]:
    return {"environment": environment.name, **environment.tags}


def _ingress(environment: Environment, place: Google) -> dict[str, str]:
    balancer = environment.load_balancer
    inside = isinstance(balancer, NewLoadBalancer) and isinstance(balancer.ingress, InsideVpc)
    if place.edge:
        return {
            f"{_RUN}/ingress": "internal-and-cloud-load-balancing",
            f"{_RUN}/default-url-disabled": "true",
            f"{_RUN}/invoker-iam-disabled": "true",
        }
    # Who may call it is a matter of the network, as on AWS; IAM would ask every visitor for a token.
    return {f"{_RUN}/ingress": "internal" if inside else "all", f"{_RUN}/invoker-iam-disabled": "true"}


def _of_revision(environment: Environment, place: Google) -> dict[str, str]:
    scaling = environment.scaling
    targets = {"concurrency": scaling.saturation_percent, "cpu": scaling.cpu_percent}
    return {
        f"{_RUN}/execution-environment": "gen2",
        # Metrics, streams and the end of an instance need a CPU between two requests as well.
        f"{_RUN}/cpu-throttling": "false",
        f"{_RUN}/startup-cpu-boost": "true",
        f"{_RUN}/container-dependencies": json.dumps({"proxy": ["web"]}),
        **{f"{_RUN}/scaling-{name}-target": f"{each / 100:g}" for name, each in targets.items() if each},
        **({f"{_RUN}/sessionAffinity": "true"} if environment.routing.sticky_s else {}),
        **_network(environment, place),
    }


def _network(environment: Environment, place: Google) -> dict[str, str]:
    if not place.network:
        return {}
    network = environment.network
    private = isinstance(network, NewVpc) and isinstance(network.egress, NatGateways | RegionalNat)
    interface = {"network": place.network, "subnetwork": place.subnetwork}
    return {
        f"{_RUN}/network-interfaces": json.dumps([interface]),
        f"{_RUN}/vpc-access-egress": "all-traffic" if private else "private-ranges-only",
    }


def _container(each: Container, environment: Environment, place: Google) -> dict[str, Any]:
    made = _plain(each, place)
    mib = {sidecar.name: sidecar.memory_mib for sidecar in environment.sidecars}
    cpu, check = "0.08", environment.health_check
    if each.name == "proxy":
        mib["proxy"] = proxy_mib(environment)
        cpu = next((share for most, share in _PROXY_CPU if mib["proxy"] <= most), "1")
        made["ports"] = [{"name": "http1", "containerPort": PORT}]
    if each.name == "web":
        mib["web"], cpu = web_mib(environment), f"{environment.tasks.cpu / 1024:g}"
        made["livenessProbe"] = {
            "httpGet": {"path": check.path, "port": each.port},
            "periodSeconds": check.interval_s,
            "timeoutSeconds": check.timeout_s,
            "failureThreshold": check.unhealthy_count,
        }
    made["resources"] = {"limits": {"cpu": cpu, "memory": f"{mib[each.name]}Mi"}}
    if each.port:
        start_s = min(LONGEST_START_S, max(check.grace_s, check.interval_s * check.unhealthy_count))
        made["startupProbe"] = {
            "httpGet": {"path": check.path, "port": each.port},
            "periodSeconds": _START_PERIOD_S,
            "timeoutSeconds": min(check.timeout_s, _START_PERIOD_S),
            "failureThreshold": -(-start_s // _START_PERIOD_S),
        }
    return made


def _plain(each: Container, place: Google) -> dict[str, Any]:
    secrets = {name: place.secrets[name] for name in each.secrets}
    return {
        "name": each.name,
        "image": each.image,
        **({"command": [each.command[0]], "args": list(each.command[1:])} if each.command else {}),
        "env": [
            *({"name": name, "value": value} for name, value in each.variables.items()),
            *(
                {"name": name, "valueFrom": {"secretKeyRef": {"name": secret.name, "key": secret.version}}}
                for name, secret in secrets.items()
            ),
        ],
        **(
            {"volumeMounts": [{"name": name, "mountPath": path} for name, path in each.mounts.items()]}
            if each.mounts
            else {}
        ),
    }
