"""Create a queue, and the one that keeps what failed."""

from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from infra.parameters import Queue


def kept_messages(scope: Construct, id: str, *, removal_policy: RemovalPolicy) -> sqs.Queue:
    """Return a queue that keeps what failed for a person to look at."""
    return sqs.Queue(
        scope,
        id,
        enforce_ssl=True,
        encryption=sqs.QueueEncryption.SQS_MANAGED,
        # SQS's most: a message keeps its age when it moves here, and would else expire at once.
        # https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/setting-up-dead-letter-queue-retention.html
        retention_period=Duration.days(14),
        removal_policy=removal_policy,
    )


class WorkQueue(Construct):
    """A queue whose messages go to `dead_letters` when they were given out `attempts` times.

    Both are encrypted by SQS and take calls over TLS alone.
    """

    def __init__(
        self, scope: Construct, id: str, *, choice: Queue, longest_job_s: int, removal_policy: RemovalPolicy
    ) -> None:
        super().__init__(scope, id)
        self.dead_letters = kept_messages(self, "DeadLetters", removal_policy=removal_policy)
        self.queue = sqs.Queue(
            self,
            "Queue",
            enforce_ssl=True,
            encryption=sqs.QueueEncryption.SQS_MANAGED,
            # With a shorter timeout, SQS would give slow work to a second task; with a much longer one, work
            # of a task that died would wait.
            visibility_timeout=Duration.seconds(2 * longest_job_s),
            receive_message_wait_time=Duration.seconds(20),
            dead_letter_queue=sqs.DeadLetterQueue(queue=self.dead_letters, max_receive_count=choice.attempts),
            removal_policy=removal_policy,
        )
