"""Deploys a service again, as it is: its new tasks read their secrets anew."""

import os
from typing import Any

# botocore and not boto3: it is all that is needed, and the embedded cloud has it too.
from botocore.session import get_session


def handler(_event: dict[str, Any], _context: object) -> None:
    """Answer an event of EventBridge; an error makes Lambda try again, twice."""
    restart(get_session().create_client("ecs"), cluster=os.environ["CLUSTER"], service=os.environ["SERVICE"])


def restart(ecs: Any, *, cluster: str, service: str) -> None:
    """Start a deployment of what the service runs."""
    ecs.update_service(cluster=cluster, service=service, forceNewDeployment=True)
    print(f"started a deployment of {service} in {cluster}")
