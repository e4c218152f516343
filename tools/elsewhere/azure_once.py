"""Say what a container app needs before its first deployment: a place, an identity, its secrets."""

import shlex

from infra.parameters import Azure, KeyVaultSecret
from tools.elsewhere.steps import Step, unless


def once(place: Azure, name: str, group: str) -> list[Step]:
    """Return the steps; each may be run again."""
    where = f"--location {place.location} --output none"
    registry, within = f"{place.registry} {group}", f"{shlex.quote(place.environment)} {group}"
    new_group = f"--name {shlex.quote(place.resource_group)} --subscription {place.subscription}"
    return [
        Step(
            title="a group, a registry and an environment",
            lines=[
                f"az group create {new_group} {where}",
                unless(
                    f"az acr show --name {registry}", f"az acr create --name {registry} --sku Basic {where}"
                ),
                unless(
                    f"az containerapp env show --name {within}",
                    f"az containerapp env create --name {within} {where}",
                ),
            ],
            when="once",
        ),
        Step(
            title="an identity of its own, which may pull images",
            lines=[
                f"az identity create --name {name} {group} {where}",
                _grant(
                    "AcrPull",
                    place.resource("Microsoft.ContainerRegistry/registries", place.registry),
                    name=name,
                    group=group,
                ),
            ],
            when="once",
        ),
        *(_secret(each, place, name, group) for each in place.secrets.values()),
    ]


def _secret(each: KeyVaultSecret, place: Azure, name: str, group: str) -> Step:
    of = f"--vault-name {each.vault} --name {each.name}"
    scope = f"{place.resource('Microsoft.KeyVault/vaults', each.vault)}/secrets/{each.name}"
    return Step(
        title=f"the secret {each.name}, which it may read",
        lines=[
            f"az keyvault secret show {of} --version {each.version} --query id --output none",
            _grant("Key Vault Secrets User", scope, name=name, group=group),
        ],
        when="once",
        otherwise=(
            f"store its value: az keyvault secret set {of} --file FILE, and write the version that it prints "
            "into infra/environments.py"
        ),
    )


def _grant(role: str, scope: str, *, name: str, group: str) -> str:
    who = f"$(az identity show --name {name} {group} --query principalId --output tsv)"
    return (
        f'az role assignment create --assignee-object-id "{who}" --assignee-principal-type ServicePrincipal '
        f"--role {shlex.quote(role)} --scope {shlex.quote(scope)} --output none"
    )
