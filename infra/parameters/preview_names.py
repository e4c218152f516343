"""Fix the names of previews that commands and policies refer to literally."""

# Policies of the account, named by `cdk bootstrap --qualifier preview` and by the stacks of previews.
PREVIEW_BOUNDARY = "flask-fargate-preview-boundary"
PREVIEW_EXECUTION = "flask-fargate-preview-execution"
PREVIEW_NETWORK = "flask-fargate-preview-network"
PREVIEW_STACKS = "Web-pr-*"
