"""Names that can exist once only.

Source: IAM API Reference, CreateRole and CreateInstanceProfile.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from oelab.checks.roles import ROLE
from oelab.checks.rules import violation
from oelab.checks.values import are_exclusive
from oelab.findings import Finding, Severity
from oelab.template.app import App

if TYPE_CHECKING:
    from oelab.template.expression import Resource

_NAMES = {ROLE: "RoleName", "AWS::IAM::InstanceProfile": "InstanceProfileName"}


def findings(app: App) -> Iterator[Finding]:
    """Roles and instance profiles with the name of another of the account, in any Region.

    Stacks that leave their account to the deployment may go to different ones.
    """
    for resource_type, key in _NAMES.items():
        first: dict[tuple[str | None, str], Resource] = {}
        for resource in app.of_type(resource_type):
            name = resource.text_of(key)
            if name is None or "${" in name:
                continue
            account = resource.stack.environment.account
            earlier = first.setdefault((account, name.casefold()), resource)
            if earlier != resource and not are_exclusive(earlier, resource):
                is_certain = account or earlier.stack is resource.stack
                severity = Severity.ERROR if is_certain else Severity.WARNING
                yield violation("IamName", resource, name, severity=severity, other=earlier)
