"""What holds for every test."""

import os

# Read by the CDK's Node process when it starts, whichever test starts it.
# The built-in validation takes seconds: test_synth.py runs it.
os.environ["CDK_VALIDATION"] = "false"
