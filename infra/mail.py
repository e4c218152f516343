"""Prove a domain to SES, let tasks send from it, and tell of mail that does not arrive."""

from collections.abc import Sequence

from aws_cdk import Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_route53 as route53
from aws_cdk import aws_ses as ses
from aws_cdk import aws_sns as sns
from constructs import Construct

from infra.parameters import Mail

_TTL_S = "1800"


class MailIdentity(Construct):
    """An identity with its DKIM records in the zone, from whose addresses `roles` may send, over TLS alone.

    What bounces or is complained about goes to the topic, and SES sends no more to such an address.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        choice: Mail,
        hosted_zone_id: str,
        roles: Sequence[iam.IRole],
        topic: sns.Topic,
    ) -> None:
        super().__init__(scope, id)
        settings = ses.ConfigurationSet(
            self,
            "Settings",
            tls_policy=ses.ConfigurationSetTlsPolicy.REQUIRE,
            suppression_reasons=ses.SuppressionReasons.BOUNCES_AND_COMPLAINTS,
            reputation_metrics=True,
        )
        # The CDK lets SES of this account and these settings publish to the topic.
        settings.add_event_destination(
            "Told",
            destination=ses.EventDestination.sns_topic(topic),
            events=[
                ses.EmailSendingEvent.BOUNCE,
                ses.EmailSendingEvent.COMPLAINT,
                ses.EmailSendingEvent.REJECT,
            ],
        )
        identity = ses.EmailIdentity(
            self, "Identity", identity=ses.Identity.domain(choice.domain), configuration_set=settings
        )
        for place, record in enumerate(identity.dkim_records, start=1):
            route53.CfnRecordSet(
                self,
                f"Dkim{place}",
                hosted_zone_id=hosted_zone_id,
                name=record.name,
                type="CNAME",
                ttl=_TTL_S,
                resource_records=[record.value],
            )
        stack = Stack.of(self)
        mine = [
            stack.format_arn(service="ses", resource=kind, resource_name=name)
            for kind, name in (
                ("identity", choice.domain),
                ("configuration-set", settings.configuration_set_name),
            )
        ]
        for role in roles:
            role.add_to_principal_policy(
                iam.PolicyStatement(actions=["ses:SendEmail", "ses:SendRawEmail"], resources=mine)
            )
