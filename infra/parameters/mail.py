"""Define the mail that the app sends."""

from pydantic import Field

from infra.parameters.formats import HostName
from infra.parameters.model import Parameters

# What the service reads of its mail.
MAIL_VARIABLE = "MAIL_DOMAIN"


class Mail(Parameters):
    """An identity of SES, from whose addresses the app's tasks may send; docs/mail.md.

    The stack proves it by records in the zone of `domain`. SES knows a domain once in an account and region.
    """

    domain: HostName = Field(
        description="what stands after the @ of senders: hosted_zone_name of `domain`, or a name in it"
    )
