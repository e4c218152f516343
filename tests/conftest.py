"""What holds for every test."""

import os
import signal

# Read by the CDK's Node process when it starts, whichever test starts it.
# The built-in validation takes seconds: test_synth.py runs it.
os.environ["CDK_VALIDATION"] = "false"

# Shells ignore these for what they put into the background, and processes started here would inherit that.
signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGQUIT, signal.SIG_DFL)
