"""Put AWS WAF in front of a load balancer."""

from typing import Any

from aws_cdk import ArnFormat, Fn, RemovalPolicy, Stack
from aws_cdk import aws_wafv2 as wafv2
from constructs import Construct

from infra.log_groups import log_group
from infra.parameters import Waf

# https://docs.aws.amazon.com/waf/latest/developerguide/aws-managed-rule-groups-list.html
_MANAGED = (
    "AWSManagedRulesAmazonIpReputationList",
    "AWSManagedRulesCommonRuleSet",
    "AWSManagedRulesKnownBadInputsRuleSet",
)
_ANONYMOUS = "AWSManagedRulesAnonymousIpList"
# Rules that only count, because common requests break them: SizeRestrictions_BODY is any body above 8 KB.
# https://docs.aws.amazon.com/waf/latest/developerguide/aws-managed-rule-groups-baseline.html
_COUNTED_ONLY = {"AWSManagedRulesCommonRuleSet": ("SizeRestrictions_BODY",)}


class WebAcl(Construct):
    """Rules that refuse hostile requests, or only report them (mode `count`), and a log of both."""

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        waf: Waf,
        load_balancer_arn: str,
        removal_policy: RemovalPolicy,
    ) -> None:
        super().__init__(scope, id)
        groups = (*_MANAGED, _ANONYMOUS) if waf.anonymous_ips else _MANAGED
        rules = [_rate_limit(waf), *(_managed(name, waf) for name in groups)]
        self.acl = wafv2.CfnWebACL(
            self,
            "Acl",
            scope="REGIONAL",
            default_action=wafv2.CfnWebACL.DefaultActionProperty(allow={}),
            visibility_config=_visible("all"),
            rules=[
                wafv2.CfnWebACL.RuleProperty(priority=priority, **rule) for priority, rule in enumerate(rules)
            ],
        )
        wafv2.CfnWebACLAssociation(
            self, "Association", resource_arn=load_balancer_arn, web_acl_arn=self.acl.attr_arn
        )
        self._log(waf.log_days, removal_policy)

    def _log(self, log_days: int, removal_policy: RemovalPolicy) -> None:
        # WAF writes only to log groups whose names begin with aws-waf-logs-.
        # https://docs.aws.amazon.com/waf/latest/developerguide/logging-cw-logs.html
        # With the stack's id in the name, a group that outlives its stack does not block the next stack.
        stack = Stack.of(self)
        name = f"aws-waf-logs-{stack.stack_name}-{Fn.select(2, Fn.split('/', stack.stack_id))}"
        log = log_group(self, "Log", log_days=log_days, removal_policy=removal_policy, name=name)
        # WAF stores the ARN without the `:*` of the group's attribute, which would be reported as drift.
        arn = stack.format_arn(
            service="logs",
            resource="log-group",
            resource_name=log.log_group_name,
            arn_format=ArnFormat.COLON_RESOURCE_NAME,
        )
        wafv2.CfnLoggingConfiguration(
            self,
            "Logging",
            resource_arn=self.acl.attr_arn,
            log_destination_configs=[arn],
            redacted_fields=[
                wafv2.CfnLoggingConfiguration.FieldToMatchProperty(single_header={"Name": name})
                for name in ("authorization", "cookie")
            ],
            # Requests that no rule matched are left to the access log.
            logging_filter={
                "DefaultBehavior": "DROP",
                "Filters": [
                    {
                        "Behavior": "KEEP",
                        "Requirement": "MEETS_ANY",
                        "Conditions": [
                            {"ActionCondition": {"Action": action}}
                            for action in ("BLOCK", "COUNT", "EXCLUDED_AS_COUNT")
                        ],
                    }
                ],
            },
        )


def _managed(name: str, waf: Waf) -> dict[str, Any]:
    acl = wafv2.CfnWebACL
    overrides = [
        acl.RuleActionOverrideProperty(name=rule, action_to_use=acl.RuleActionProperty(count={}))
        for rule in _COUNTED_ONLY.get(name, ())
    ]
    action = (
        acl.OverrideActionProperty(count={}) if waf.mode == "count" else acl.OverrideActionProperty(none={})
    )
    return {
        "name": name,
        "override_action": action,
        "statement": acl.StatementProperty(
            managed_rule_group_statement=acl.ManagedRuleGroupStatementProperty(
                vendor_name="AWS", name=name, rule_action_overrides=overrides or None
            )
        ),
        "visibility_config": _visible(name),
    }


def _rate_limit(waf: Waf) -> dict[str, Any]:
    acl = wafv2.CfnWebACL
    action = acl.RuleActionProperty(count={}) if waf.mode == "count" else acl.RuleActionProperty(block={})
    return {
        "name": "RateLimit",
        "action": action,
        "statement": acl.StatementProperty(
            rate_based_statement=acl.RateBasedStatementProperty(
                limit=waf.requests_per_5_minutes, aggregate_key_type="IP"
            )
        ),
        "visibility_config": _visible("RateLimit"),
    }


def _visible(name: str) -> wafv2.CfnWebACL.VisibilityConfigProperty:
    return wafv2.CfnWebACL.VisibilityConfigProperty(
        cloud_watch_metrics_enabled=True, metric_name=name, sampled_requests_enabled=True
    )
