"""Run the embedded AWS emulator, `python -m tools.local_cloud.emulator`, with its own interpreter."""

import argparse
import os
import sys
from importlib.metadata import version

# The extension changes ministack's private tables, so it fits exactly one version.
EXTENDS = "1.5.33"


def main() -> None:
    """Start the emulator on two loopback ports."""
    parser = argparse.ArgumentParser(description=__doc__, prog="python -m tools.local_cloud.emulator")
    parser.add_argument("--port", type=int, required=True, help="port of the AWS APIs, on 127.0.0.1")
    parser.add_argument("--front-port", type=int, required=True, help="port of the load balancer")
    parser.add_argument("--account", required=True, help="12-digit account id")
    arguments = parser.parse_args()
    # ministack reads its settings when it is imported.
    os.environ |= {
        "BIND_HOST": "127.0.0.1",
        "GATEWAY_PORT": str(arguments.port),
        "MINISTACK_HOST": "127.0.0.1",
        "MINISTACK_ACCOUNT_ID": arguments.account,
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
        # One for each request at the load balancer: of 64, the default, a 65th request would wait.
        "MINISTACK_WORKER_THREADS": "1000",
        "LOG_LEVEL": "WARNING",
    }
    try:
        from tools.local_cloud.emulator.server import Server, extend, run  # noqa: PLC0415 - after the settings

        extend()
    except (ImportError, AttributeError, KeyError) as error:
        sys.exit(
            f"The extension in tools/local_cloud/emulator was written for ministack {EXTENDS}, but"
            f" {version('ministack')} is installed and something it extends has moved: {error!r}."
            " Install tools/local_cloud/requirements.txt, or port the extension."
        )
    run(Server(port=arguments.port, front_port=arguments.front_port))


if __name__ == "__main__":
    main()
