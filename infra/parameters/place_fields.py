"""Define the fields of an environment that say where in AWS it is."""

from pydantic import Field

from infra.parameters.formats import AccountId, EnvironmentName, Region, ZoneName
from infra.parameters.model import Parameters


class PlaceFields(Parameters):
    """The name of an environment, its account, region and zones."""

    name: EnvironmentName = Field(description="unique; the stack is called Web-NAME")
    account: AccountId | None = Field(
        default=None, description="AWS account id; by default the account of your credentials"
    )
    region: Region = Field(default="eu-west-1", description="AWS region of the stack")
    availability_zones: tuple[ZoneName, ...] = Field(
        default=("eu-west-1a", "eu-west-1b"),
        min_length=2,
        max_length=6,
        description="two to six zones of the region",
    )
