"""Names: the few that are fixed, because what refers to them cannot ask."""

# Policies of the account, which `cdk bootstrap --qualifier preview` and the stacks of previews name.
PREVIEW_BOUNDARY = "flask-fargate-preview-boundary"
PREVIEW_EXECUTION = "flask-fargate-preview-execution"
PREVIEW_STACKS = "Web-pr-*"
