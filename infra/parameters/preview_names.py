"""Names of previews that are fixed, because commands and policies refer to them literally."""

# Policies of the account, named by `cdk bootstrap --qualifier preview` and by the stacks of previews.
PREVIEW_BOUNDARY = "flask-fargate-preview-boundary"
PREVIEW_EXECUTION = "flask-fargate-preview-execution"
PREVIEW_STACKS = "Web-pr-*"
