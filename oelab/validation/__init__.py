"""CloudFormation's own rules, checked in this process over templates that are about to be sent.

Nothing here imports the CDK, so that the engine can start before node does.
"""

from oelab.validation.engine import start
from oelab.validation.findings import TemplateFinding, find

__all__ = ["TemplateFinding", "find", "start"]
