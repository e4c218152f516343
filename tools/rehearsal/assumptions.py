"""List what the rehearsal takes for granted, with the source of each; docs/scaling.md shows it."""

from typing import NamedTuple

from tools.prices import FARGATE_READ, FARGATE_SOURCE, SPOT_SHARE
from tools.rehearsal.autoscaler import ACTION_EVERY_S, HIGH_DATAPOINTS, LOW_MINUTES, LOW_PERCENT
from tools.rehearsal.from_environment import START_S
from tools.rehearsal.policies import DELAY_S


class Assumption(NamedTuple):
    """A rule of the simulation, why it is believed, and where that is written."""

    rule: str
    basis: str
    source: str


_TARGET_TRACKING = "https://docs.aws.amazon.com/autoscaling/application/userguide/target-tracking-scaling-policy-overview.html"
_OBSERVED_ALARMS = (
    "https://github.com/aws/copilot-cli/blob/mainline/site/content/docs/concepts/services.en.md"
)
_BENCHMARK = "https://aws.amazon.com/about-aws/whats-new/2026/06/amazon-ecs-faster-autoscaling/"
_SPOT_SEEN = "https://tomgregory.com/aws/aws-fargate-spot-vs-fargate-price-comparison/"

ASSUMPTIONS = (
    Assumption(
        f"More tasks after {HIGH_DATAPOINTS} datapoints above the target.",
        "Seen in AWS's own output; not documented.",
        _OBSERVED_ALARMS,
    ),
    Assumption(
        f"Fewer tasks after {LOW_MINUTES} minutes below {LOW_PERCENT} % of the target.",
        "Seen in AWS's own output; documented as far enough below, usually more than 10 %. That it is "
        "minutes, and not datapoints, with 20-second metrics too is ours.",
        _OBSERVED_ALARMS,
    ),
    Assumption(
        f"An alarm acts when it changes and every {ACTION_EVERY_S} s while it lasts.",
        "Documented.",
        "https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/AlarmThatSendsEmail.html",
    ),
    Assumption(
        "Wanted are tasks x metric / target, rounded up, from the last datapoint and the desired count.",
        "Documented as proportional and rounded so that neither too little is added nor too much removed. "
        "The formula, and that fewer tasks come in one step, is ours.",
        _TARGET_TRACKING,
    ),
    Assumption(
        "Of several policies the largest count wins, and fewer tasks need all of them.",
        "Documented.",
        _TARGET_TRACKING,
    ),
    Assumption(
        "In the scale-out cooldown only a larger activity adds tasks, and what the last one added counts; "
        "in the scale-in cooldown nothing is removed, and adding ends it.",
        "Documented for a policy; here all policies of a service share the pauses.",
        _TARGET_TRACKING,
    ),
    Assumption(
        f"A datapoint acts {DELAY_S[60]} s after its minute, or {DELAY_S[20]} s after its 20 seconds.",
        "What is left of AWS's 363 s and 86 s from load to scale-out after half a period and three whole "
        "ones. Measured for ECS's CPU; for requests and busy slots it is ours.",
        _BENCHMARK,
    ),
    Assumption(
        "Requests per target come once a minute, refused ones included.",
        "Documented; 20 seconds are for ECS's own CPU and memory, and for metrics that a service publishes.",
        "https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-cloudwatch-metrics.html",
    ),
    Assumption(
        f"A task serves {START_S} s after it is asked for.",
        "23 s in AWS's benchmark (109 s less 86 s), up to 10 s for the health check, the rest for image and "
        "imports. Yours is `--start-s`.",
        _BENCHMARK,
    ),
    Assumption(
        "A new task needs one successful health check.",
        "Documented.",
        "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/load-balancer-healthcheck.html",
    ),
    Assumption(
        "A task that leaves gets no requests and is paid for until its deregistration delay ends.",
        "Documented.",
        "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/load-balancer-connection-draining.html",
    ),
    Assumption(
        "Busy slots are requests per second x request time (Little's law); CPU is requests per second x CPU "
        "time. Load is spread evenly, and what exceeds the first of both to run out is refused at once.",
        "The metric is AWS's advice for servers of worker threads; a model without queues is ours.",
        "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/capacity-autoscaling-best-practice.html",
    ),
    Assumption(
        f"Fargate's prices are those of {FARGATE_READ}, by the second from the pull of the image to the end.",
        "Published. Other regions than those of `tools/prices.py` are priced as eu-west-1.",
        FARGATE_SOURCE,
    ),
    Assumption(
        f"Spot costs {SPOT_SHARE:.0%} of on demand and is never taken back.".replace("%", " %"),
        "Seen in eu-west-1; AWS says up to 70 % off, and it moves.",
        _SPOT_SEEN,
    ),
)


def table() -> str:
    """Return all assumptions in Markdown."""
    rows = [
        f"| {each.rule} | {each.basis} | [{each.source.split('/')[2]}]({each.source}) |"
        for each in ASSUMPTIONS
    ]
    return "\n".join(["| taken for granted | basis | source |", "|---|---|---|", *rows])
