"""Write what is in front of a service, and say how to apply and remove it."""

import shlex
from pathlib import Path

from infra.elsewhere import firewall_name, front_door, load_balancer, template_mistakes, terraform_mistakes
from infra.parameters import Azure, Environment, Google, Place
from tools.elsewhere.files import file
from tools.elsewhere.google import Gcloud
from tools.elsewhere.steps import Step, unless

# Of the account that applies it: its own work, load balancers, and what guards them.
# https://docs.cloud.google.com/infrastructure-manager/docs/configure-service-account
_ROLES = ("roles/config.agent", "roles/compute.loadBalancerAdmin", "roles/compute.securityAdmin")


def edge(environment: Environment, place: Place, folder: Path) -> list[Step]:
    """Return the steps of an edge, if the place has one."""
    if not place.edge:
        return []
    name = f"web-{environment.name}-edge"
    if isinstance(place, Google):
        written = load_balancer(environment, place)
        path = file(
            folder / f"web-{environment.name}.edge" / "edge.tf.json", written, terraform_mistakes(written)
        )
        return _google(name, place, path.parent)
    template = front_door(environment, place)
    path = file(folder / f"web-{environment.name}.edge.json", template, template_mistakes(template))
    return _azure(environment, place, path)


def _google(name: str, place: Google, folder: Path) -> list[Step]:
    gcloud = Gcloud(place)
    who = f"{name}@{place.project}.iam.gserviceaccount.com"
    deployment = f"projects/{place.project}/locations/{place.region}/deployments/{name}"
    account = f"projects/{place.project}/serviceAccounts/{who}"
    address = f"compute addresses describe {name.removesuffix('-edge')} --global --format 'value(address)'"
    return [
        Step(
            title="an account for Infrastructure Manager, which runs Terraform and keeps its state",
            lines=[
                gcloud("services enable config.googleapis.com compute.googleapis.com"),
                unless(
                    gcloud(f"iam service-accounts describe {who}"),
                    gcloud(f"iam service-accounts create {name}"),
                ),
                *(
                    gcloud(
                        f"projects add-iam-policy-binding {place.project} --member serviceAccount:{who} "
                        f"--role {role} --condition None --format none"
                    )
                    for role in _ROLES
                ),
            ],
            when="once",
        ),
        Step(
            title="the load balancer, its certificate and its firewall",
            lines=[
                gcloud(
                    f"infra-manager deployments apply {deployment} --local-source {shlex.quote(str(folder))} "
                    f"--service-account {account}"
                )
            ],
            when="first",
        ),
        Step(
            title="its address: let the domain's A record name it; the certificate is made once it does",
            lines=[gcloud(address)],
            when="afterwards",
        ),
        Step(
            title="removal of the load balancer",
            lines=[gcloud(f"infra-manager deployments delete {deployment}")],
            when="afterwards",
        ),
    ]


def _azure(environment: Environment, place: Azure, path: Path) -> list[Step]:
    name = f"web-{environment.name}"
    group = f"--resource-group {shlex.quote(place.resource_group)} --subscription {place.subscription}"
    within = f"--name {shlex.quote(place.environment)} {group}"
    make = (
        f"az deployment group create {group} --name {name}.edge --template-file {shlex.quote(str(path))} "
        "--output none"
    )
    waiting = (
        f"[?properties.privateLinkServiceConnectionState.status=='Pending' && "
        f"properties.privateLinkServiceConnectionState.description=='{name}'].id"
    )
    approve = (
        f"az network private-endpoint-connection list {within} --type Microsoft.App/managedEnvironments "
        f'--query "{waiting}" --output tsv | xargs -r -n 1 az network private-endpoint-connection '
        f"approve --description {name} --output none --id"
    )
    firewall = "--resource-type Microsoft.Network/FrontDoorWebApplicationFirewallPolicies"
    return [
        Step(
            title="ask Azure what would change in front",
            lines=[f"az deployment group what-if {group} --template-file {shlex.quote(str(path))}"],
            when="review",
        ),
        Step(
            title="nobody reaches the Container Apps environment, with all its apps, but by a private link",
            lines=[f"az containerapp env update {within} --public-network-access Disabled --output none"],
            when="first",
        ),
        Step(
            title="the Front Door, its certificates and its firewall",
            lines=[make, approve],
            when="first",
        ),
        Step(
            title="its host, and what proves each domain: CNAME and TXT _dnsauth of the domain are to say it",
            lines=[f"az deployment group show {group} --name {name}.edge --query properties.outputs"],
            when="afterwards",
        ),
        Step(
            title="removal of the Front Door",
            lines=[
                f"az afd profile delete --profile-name {name} {group} --yes",
                f"az resource delete {firewall} --name {firewall_name(environment)} {group}",
            ],
            when="afterwards",
        ),
    ]
