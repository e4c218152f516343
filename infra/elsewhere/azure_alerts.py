"""Write the alerts of a container app as a template of Azure: queries of the log, and whom they tell.

https://learn.microsoft.com/en-us/azure/container-apps/log-monitoring (the table and its columns)
"""

from typing import Any

from infra.elsewhere.alerts import AT_MAX_MINUTES, FEWEST_REQUESTS, LOGGER, Alert, alerts, known
from infra.elsewhere.schema import resource
from infra.parameters import Azure, Environment

_GROUPS, _RULES = "Microsoft.Insights/actionGroups", "Microsoft.Insights/scheduledQueryRules"
_TEMPLATE = "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#"
_SHORT_NAME = 12  # the most that Azure takes
# 0 is the gravest: the first two are a bad version's, the others ask for more instances or for a look.
_SEVERITY = {"Errors": 1, "Latency": 1}


def azure_alerts(environment: Environment, place: Azure) -> dict[str, Any]:
    """Return the template; its parameter is the id of the workspace that has the log."""
    email = environment.alarms.email
    name = f"web-{environment.name}"
    tags = {"alerts": name, "environment": environment.name, **environment.tags}
    group = {
        "type": _GROUPS,
        "apiVersion": resource(_GROUPS)["apiVersion"],
        "name": name,
        "location": "Global",
        "tags": tags,
        "properties": {
            "groupShortName": name[:_SHORT_NAME],
            "enabled": True,
            "emailReceivers": [{"name": "mail", "emailAddress": email, "useCommonAlertSchema": True}],
        },
    }
    asked = f"[resourceId('{_GROUPS}', '{name}')]"
    return {
        "$schema": _TEMPLATE,
        "contentVersion": "1.0.0.0",
        "parameters": {"workspace": {"type": "string"}},
        "resources": [
            *([group] if email else []),
            *(
                {
                    "type": _RULES,
                    "apiVersion": resource(_RULES)["apiVersion"],
                    "name": f"{name}-{each.name}",
                    **({"dependsOn": [asked]} if email else {}),
                    "location": place.location,
                    "kind": "LogAlert",
                    "tags": tags,
                    "properties": {
                        **_rule(each, name),
                        "actions": {"actionGroups": [asked] if email else []},
                    },
                }
                for each in alerts(environment)
            ),
        ],
    }


def _rule(alert: Alert, name: str) -> dict[str, Any]:
    minutes = AT_MAX_MINUTES if alert.name == "TasksAtMax" else 5
    return {
        "displayName": f"{name} {alert.name}",
        "description": alert.sentence,
        "severity": _SEVERITY.get(alert.name, 2),
        "enabled": True,
        "scopes": ["[parameters('workspace')]"],
        "evaluationFrequency": "PT5M",
        "windowSize": f"PT{minutes}M",
        "criteria": {
            "allOf": [
                {
                    "query": query(alert.name, name),
                    "timeAggregation": "Maximum",
                    "metricMeasureColumn": "value",
                    "operator": "GreaterThan",
                    "threshold": alert.threshold,
                    "failingPeriods": {"numberOfEvaluationPeriods": 1, "minFailingPeriodsToAlert": 1},
                }
            ]
        },
        "autoMitigate": True,
        # The table is there once the first line of a log is.
        "skipQueryValidation": True,
    }


def query(alert: str, name: str) -> str:
    """Return the query whose column `value` is compared, over the lines in which workers report."""
    sums = {
        "requests": known("Requests"),
        "errors": known("Responses5xx"),
        "shed": known("ShedRequests"),
    }
    summed = ", ".join(f"{each} = sum(tolong(line.{metric}))" for each, metric in sums.items())
    served = "(requests - shed)"
    counted = "| mv-expand one = line.{} to typeof(real)\n| summarize value = {}"
    bodies = {
        "Errors": f"| summarize {summed}\n"
        f"| project value = iff({served} >= {FEWEST_REQUESTS}, 100.0 * (errors - shed) / {served}, 0.0)",
        "Latency": counted.format(
            known("Latency"), f"iff(count() >= {FEWEST_REQUESTS}, percentile(one, 95), 0.0)"
        ),
        "Saturated": counted.format(known("Saturation"), "avg(one)"),
        "TasksAtMax": "| summarize replicas = dcount(ContainerGroupName_s) by bin(TimeGenerated, 1m)\n"
        "| summarize value = min(replicas)",
    }
    lines = (
        "ContainerAppConsoleLogs_CL\n"
        f"| where ContainerAppName_s == '{name}' and ContainerName_s == 'web'\n"
        "| extend line = parse_json(Log_s)\n"
        f"| where line.logger == '{LOGGER}'\n"
    )
    return lines + (bodies.get(alert) or f"| summarize value = sum(tolong(line.{known(alert)}))")
