"""What AWS accepts, rule by rule, grouped by service.

A rule is a function of a name and a value that yields a `Fault` for each thing wrong with the
value. Settings and constructs share these rules, so a value is judged alike wherever it comes
from. Nothing here imports the CDK or boto3.
"""

from oelab.rules.fault import Fault, FaultsError

__all__ = ["Fault", "FaultsError"]
