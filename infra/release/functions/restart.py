"""Deploy services again, unchanged, so that their new tasks read their secrets anew."""

import os
from typing import Any

# botocore, because Lambda and the local cloud both have it and nothing here needs boto3.
from botocore.session import get_session


def handler(_event: dict[str, Any], _context: object) -> None:
    """Answer an event of EventBridge; an error makes Lambda try again, twice."""
    ecs = get_session().create_client("ecs")
    for service in os.environ["SERVICES"].split(","):
        restart(ecs, cluster=os.environ["CLUSTER"], service=service)


def restart(ecs: Any, *, cluster: str, service: str) -> None:
    """Start a deployment of the service's current task definition."""
    ecs.update_service(cluster=cluster, service=service, forceNewDeployment=True)
    print(f"started a deployment of {service} in {cluster}")
