"""Define the places beside AWS, as a team writes them into infra/environments.py."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from infra.parameters.formats import VariableName
from infra.parameters.model import Parameters, matching

# https://docs.cloud.google.com/resource-manager/docs/creating-managing-projects
ProjectId = Annotated[
    str,
    matching(r"[a-z][a-z0-9-]{4,28}[a-z0-9]", "the id of a project: 6 to 30 lower-case letters, digits, '-'"),
]
GoogleRegion = Annotated[str, matching(r"[a-z]+-[a-z]+\d+", "a region such as europe-west1")]
Subscription = Annotated[
    str, matching(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "the id of a subscription, 36 characters")
]
Location = Annotated[str, matching(r"[a-z]+[a-z0-9]*", "a location such as westeurope")]
AzureName = Annotated[
    str,
    matching(r"[A-Za-z0-9][A-Za-z0-9._()-]{0,63}", "a name of letters, digits and -_.(), at most 64 long"),
]
# https://learn.microsoft.com/en-us/azure/azure-resource-manager/management/resource-name-rules
RegistryName = Annotated[str, matching(r"[A-Za-z0-9]{5,50}", "5 to 50 letters and digits")]
VaultName = Annotated[
    str, matching(r"[A-Za-z][A-Za-z0-9-]{1,22}[A-Za-z0-9]", "3 to 24 letters, digits and '-', first a letter")
]
GoogleName = Annotated[str, matching(r"[a-z][a-z0-9-]{0,61}[a-z0-9]", "lower-case letters, digits and '-'")]
# https://docs.cloud.google.com/sql/docs/postgres/connect-run
CloudSqlName = Annotated[
    str,
    matching(
        r"[a-z][a-z0-9-]+:[a-z]+-[a-z]+\d+:[a-z][a-z0-9-]*",
        "a connection name, PROJECT:REGION:INSTANCE, as `gcloud sql instances describe` says",
    ),
]


class GoogleSecret(Parameters):
    """A version of a secret in Secret Manager; `latest` would change under a running revision."""

    name: Annotated[str, matching(r"[A-Za-z0-9_-]{1,255}", "letters, digits, '_' and '-'")]
    version: Annotated[str, matching(r"[1-9]\d*", "the number of a version, such as 1")] = "1"


class KeyVaultSecret(Parameters):
    """A version of a secret in Key Vault."""

    vault: VaultName
    name: Annotated[str, matching(r"[A-Za-z0-9-]{1,127}", "letters, digits and '-'")]
    version: Annotated[str, matching(r"[0-9a-f]{32}", "the 32 characters of a version")]


class Google(Parameters):
    """A project and region of Google Cloud, in which the environment is a service of Cloud Run."""

    kind: Literal["google"] = "google"
    project: ProjectId = Field(description="id of the project")
    region: GoogleRegion = Field(description="region, such as europe-west1")
    repository: GoogleName = Field(default="web", description="repository of Artifact Registry for images")
    network: GoogleName | None = Field(default=None, description="VPC network that the service reaches")
    subnetwork: GoogleName | None = Field(default=None, description="its subnetwork in the region")
    cloud_sql: CloudSqlName | None = Field(
        default=None, description="connection name of a Cloud SQL, which counts in place of `database.host`"
    )
    secrets: dict[VariableName, GoogleSecret] = Field(
        default_factory=dict, description="where the values of the environment's `secrets` are here"
    )
    edge: bool = Field(
        default=False,
        description="an external load balancer with Cloud Armor is in front, and alone may reach the service",
    )

    @model_validator(mode="after")
    def _whole_network(self) -> Self:
        if (self.network is None) != (self.subnetwork is None):
            raise ValueError(
                f"network ({self.network}) and subnetwork ({self.subnetwork}) go together: set both or none"
            )
        return self

    @property
    def title(self) -> str:
        """Return what the service of this place is called."""
        return "Cloud Run"


class Azure(Parameters):
    """A resource group of Azure, in which the environment is a container app."""

    kind: Literal["azure"] = "azure"
    subscription: Subscription = Field(description="id of the subscription")
    resource_group: AzureName = Field(description="name of the resource group")
    location: Location = Field(description="location, such as westeurope")
    environment: AzureName = Field(default="web", description="Container Apps environment, in that group")
    registry: RegistryName = Field(description="container registry for images, without .azurecr.io")
    secrets: dict[VariableName, KeyVaultSecret] = Field(
        default_factory=dict, description="where the values of the environment's `secrets` are here"
    )
    edge: bool = Field(
        default=False, description="Azure Front Door with its firewall is in front, and ends the domain's TLS"
    )

    @property
    def title(self) -> str:
        """Return what the service of this place is called."""
        return "Container Apps"

    def resource(self, type: str, name: str) -> str:  # noqa: A002 (Azure's word)
        """Return the id of a resource of the group."""
        group = f"/subscriptions/{self.subscription}/resourceGroups/{self.resource_group}"
        return f"{group}/providers/{type}/{name}"


Place = Google | Azure
