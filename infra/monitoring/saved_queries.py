"""Save the first questions to the service's log in CloudWatch Logs Insights."""

from aws_cdk import aws_logs as logs
from constructs import Construct

# Queries by name, in the language of Logs Insights. The service writes a line for each request
# (service/kit/access_log.py), a line of metrics for each worker every ten seconds (service/kit/metrics.py),
# and its messages.
QUERIES = {
    "slowest routes": """filter message = "request"
| stats count(*) as requests, pct(duration_ms, 95) as p95_ms, max(duration_ms) as slowest_ms by route
| sort p95_ms desc | limit 20""",
    "errors by version": """filter ispresent(Responses5xx)
| stats sum(Responses5xx) as errors, sum(Requests) as requests by Version
| sort errors desc""",
    "errors by route": """filter message = "request" and status >= 500
| stats count(*) as errors by route, status
| sort errors desc | limit 50""",
    "exceptions": """filter level in ["error", "critical"]
| fields @timestamp, message, exception, request_id
| sort @timestamp desc | limit 50""",
    "one request": """filter request_id = "put the X-Request-ID here"
| sort @timestamp asc""",
}


class SavedQueries(Construct):
    """Queries that CloudWatch lists in a folder with the environment's name."""

    def __init__(
        self, scope: Construct, id: str, *, log_group: logs.ILogGroup, environment_name: str
    ) -> None:
        super().__init__(scope, id)
        for name, query in QUERIES.items():
            logs.CfnQueryDefinition(
                self,
                name.title().replace(" ", ""),
                name=f"{environment_name}/{name}",
                query_string=query,
                log_group_names=[log_group.log_group_name],
            )
