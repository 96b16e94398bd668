"""CloudFormation's own rules, checked in this process over templates that are about to be sent.

Importing this does not import the CDK, so that the engine can start before node does.
"""

from oelab.validation.engine import start
from oelab.validation.findings import TemplateFinding, find
from oelab.validation.without_builtin import import_cdk

__all__ = ["TemplateFinding", "find", "import_cdk", "start"]
