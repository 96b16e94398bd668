"""The tests, laid out like the code they test."""

import os
import sys
from pathlib import Path

from oelab.validation import import_cdk

# jsii looks for node on the PATH, and the one of this environment is the one that is locked.
os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])

# The built-in validation is slow; the tests that it is the subject of ask for it.
import_cdk()
