"""The register of what checkov finds and we accept: where and why."""

from tools.security.accepted import EVERYWHERE, WHERE_THERE_IS_ONE, Accepted

_PROVIDER = "A function of CDK's own, which CloudFormation calls once when the stack is made or destroyed."
_OWN_KEY = "AWS's own key encrypts it; one of ours costs $1 a month and is one more thing to lose."

_OURS = "A function of one call at a time, made by CloudFormation or by an event, without secrets of its own."

SKIPS = (
    Accepted(
        "CKV2_AWS_71", ("staging",), "FrontDoorDomainCertificate", "Each preview has a name of its own."
    ),
    Accepted("CKV_AWS_2", ("dev",), "FrontDoorLoadBalancerHttp", "Without a domain there is no certificate."),
    Accepted("CKV_AWS_18", ("staging", "prod"), "FrontDoorLoadBalancerLogsBucket", "Logs are what it holds."),
    Accepted("CKV_AWS_21", ("staging", "prod"), "FrontDoorLoadBalancerLogsBucket", "Logs do not change."),
    Accepted(
        "CKV_AWS_26", EVERYWHERE, "MonitoringTopic", "Alarms go out by mail: nothing in them is secret."
    ),
    Accepted("CKV_AWS_65", ("dev",), "WebCapacityCluster", "Paid by the metric."),
    Accepted("CKV_AWS_91", ("dev",), "FrontDoorLoadBalancer", "The service logs them itself."),
    Accepted("CKV_AWS_103", ("dev",), "FrontDoorLoadBalancerHttp", "As CKV_AWS_2."),
    Accepted("CKV_AWS_115", EVERYWHERE, "Custom*Handler", _PROVIDER),
    Accepted("CKV_AWS_116", EVERYWHERE, "Custom*Handler", _PROVIDER),
    Accepted("CKV_AWS_117", EVERYWHERE, "Custom*Handler", _PROVIDER),
    Accepted("CKV_AWS_115", WHERE_THERE_IS_ONE, "*Function", _OURS),
    Accepted("CKV_AWS_116", WHERE_THERE_IS_ONE, "*Function", _OURS),
    Accepted("CKV_AWS_117", WHERE_THERE_IS_ONE, "*Function", _OURS),
    Accepted("CKV_AWS_149", WHERE_THERE_IS_ONE, "Secrets*", _OWN_KEY),
    Accepted("CKV_AWS_158", EVERYWHERE, "*Log", _OWN_KEY),
    Accepted("CKV_AWS_173", WHERE_THERE_IS_ONE, "*Function", _OURS),
    Accepted("CKV_AWS_192", ("staging",), "FrontDoorLoadBalancerWafAcl", "staging counts what prod blocks."),
    Accepted(
        "CKV_AWS_260",
        EVERYWHERE,
        "FrontDoorLoadBalancerGroup",
        "A public website: port 80 redirects, and in dev, which has no certificate, answers.",
    ),
)
