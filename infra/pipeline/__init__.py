"""What a pipeline needs in AWS: a registry, and roles that tokens of its CI, and nobody else's, can take."""
