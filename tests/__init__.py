"""The tests, laid out like the code they test."""

import gc
import os
import signal
import sys
from pathlib import Path

from oelab.cdk_import import import_cdk

# jsii looks for node on the PATH, and the one of this environment is the one that is locked.
os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])

# What the CLI tells an app: it would be told to all that the tests define.
for variable in ("CDK_CONTEXT_JSON", "CDK_OUTDIR", "CDK_VALIDATION"):
    os.environ.pop(variable, None)

# Tests interrupt what they start, which would not hear of it where this process ignores Ctrl-C, as
# one in the background does.
signal.signal(signal.SIGINT, signal.default_int_handler)

# The CDK is a million objects that stay, and a test makes thousands: to look for garbage less often
# than Python would takes an eighth of the time.
gc.set_threshold(100_000)

# The built-in validation is slow; the tests that it is the subject of ask for it.
import_cdk()
gc.freeze()
