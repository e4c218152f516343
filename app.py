"""The CDK app: one stack for each environment of infra/environments.py."""

from infra.application import main

if __name__ == "__main__":
    main()
