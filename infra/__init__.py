"""Turn typed environments into one CloudFormation stack each: the AWS half of the kit."""
