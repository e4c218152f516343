"""Policy: rules of our own that fail a synth, checked on the finished templates of any CDK app.

    from infra.policy.plugin import Policy
    cdk.Validations.of(app).add_plugins(Policy())

docs/policies.md says what they find, how to accept a finding, and why they are Python.
"""
