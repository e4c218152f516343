"""The AWS half: typed environments in, one CloudFormation stack per environment out."""
