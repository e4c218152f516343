"""Refuse mail of a domain that the stack cannot prove, and tasks that do not reach SES."""

from collections.abc import Iterator

from infra.parameters.egress import Endpoints
from infra.parameters.fields import EnvironmentFields
from infra.parameters.mail import MAIL_VARIABLE
from infra.parameters.network import NewVpc

# Of SES: https://docs.aws.amazon.com/vpc/latest/privatelink/aws-services-privatelink-support.html
_ENDPOINT = "email"


def mail_problems(environment: EnvironmentFields) -> Iterator[str]:
    """Yield what stands in the way of mail."""
    mail, domain, network = environment.mail, environment.domain, environment.network
    if mail is None:
        return
    if MAIL_VARIABLE in {*environment.variables, *environment.secrets}:
        yield f"{MAIL_VARIABLE} is given, but it follows from mail: remove it from variables and secrets"
    zone = domain.hosted_zone_name if domain else None
    if zone is None:
        yield (
            f"mail.domain is '{mail.domain}', which is proved by records in a zone, but domain has no "
            "hosted_zone_id and hosted_zone_name: give the zone"
        )
    elif not f".{mail.domain}".endswith(f".{zone}"):
        yield (
            f"mail.domain is '{mail.domain}', which is not in domain.hosted_zone_name '{zone}': give that "
            "name, or one in it"
        )
    egress = network.egress if isinstance(network, NewVpc) else None
    if isinstance(egress, Endpoints) and _ENDPOINT not in egress.services:
        yield (
            f"network.egress.services are {', '.join(egress.services) or 'none'}, by which tasks do not "
            f"reach SES to send mail: add '{_ENDPOINT}'"
        )
