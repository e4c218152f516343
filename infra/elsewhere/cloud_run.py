"""Write an environment as a service of Cloud Run, in the YAML that `gcloud run services replace` takes."""

import json
from typing import Any

from infra.elsewhere.cloud_run_limits import LONGEST_START_S, proxy_mib, slots, web_mib
from infra.elsewhere.containers import PORT, SHARED, Container, Images, containers
from infra.parameters import Environment, Google, InsideVpc, NatGateways, NewLoadBalancer, NewVpc, RegionalNat

RUN = "run.googleapis.com"
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
            "labels": labels(environment),
            "annotations": {
                **_ingress(environment, place),
                f"{RUN}/minScale": str(0 if environment.sleep else tasks.min),
                f"{RUN}/maxScale": str(tasks.max),
            },
        },
        "spec": {
            "template": {
                "metadata": {"labels": labels(environment), "annotations": _of_revision(environment, place)},
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


def account(environment: Environment, place: Google) -> str:
    """Return the service account that the service runs as."""
    return f"web-{environment.name}@{place.project}.iam.gserviceaccount.com"


def labels(environment: Environment) -> dict[str, str]:
    """Return the labels of all that the environment has."""
    return {"environment": environment.name, **environment.tags}


def _ingress(environment: Environment, place: Google) -> dict[str, str]:
    balancer = environment.load_balancer
    inside = isinstance(balancer, NewLoadBalancer) and isinstance(balancer.ingress, InsideVpc)
    if place.edge:
        return {
            f"{RUN}/ingress": "internal-and-cloud-load-balancing",
            f"{RUN}/default-url-disabled": "true",
            f"{RUN}/invoker-iam-disabled": "true",
        }
    # Who may call it is a matter of the network, as on AWS; IAM would ask every visitor for a token.
    return {f"{RUN}/ingress": "internal" if inside else "all", f"{RUN}/invoker-iam-disabled": "true"}


def _of_revision(environment: Environment, place: Google) -> dict[str, str]:
    scaling = environment.scaling
    targets = {"concurrency": scaling.saturation_percent, "cpu": scaling.cpu_percent}
    return {
        f"{RUN}/execution-environment": "gen2",
        # Metrics, streams and the end of an instance need a CPU between two requests as well.
        f"{RUN}/cpu-throttling": "false",
        f"{RUN}/startup-cpu-boost": "true",
        f"{RUN}/container-dependencies": json.dumps({"proxy": ["web"]}),
        **{f"{RUN}/scaling-{name}-target": f"{each / 100:g}" for name, each in targets.items() if each},
        **({f"{RUN}/sessionAffinity": "true"} if environment.routing.sticky_s else {}),
        **network(environment, place),
    }


def network(environment: Environment, place: Google) -> dict[str, str]:
    """Return the annotations with what instances reach: a network, and a database by its connection name."""
    database = {f"{RUN}/cloudsql-instances": place.cloud_sql} if place.cloud_sql else {}
    if not place.network:
        return database
    vpc = environment.network
    private = isinstance(vpc, NewVpc) and isinstance(vpc.egress, NatGateways | RegionalNat)
    interface = {"network": place.network, "subnetwork": place.subnetwork}
    return {
        **database,
        f"{RUN}/network-interfaces": json.dumps([interface]),
        f"{RUN}/vpc-access-egress": "all-traffic" if private else "private-ranges-only",
    }


def _container(each: Container, environment: Environment, place: Google) -> dict[str, Any]:
    made = plain(each, place)
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


def plain(each: Container, place: Google) -> dict[str, Any]:
    """Return a container without its size and probes."""
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
