"""The instance profile of a node, and whether its role lets the agent work.

Source: "Configure instance permissions required for Systems Manager", Systems Manager User Guide.
"""

from collections.abc import Iterator

from oelab.checks import roles
from oelab.checks.associations import AssociationDefinition, TargetedNode, reaching
from oelab.findings import Finding, Rule, Severity
from oelab.systems_manager.documents import HOST_MANAGEMENT
from oelab.systems_manager.permissions import MANAGED_NODE
from oelab.template.app import App
from oelab.template.expression import Resource

_SOURCE = (
    'Systems Manager User Guide, "Configure instance permissions required for Systems Manager"'
)


def findings(
    app: App, targeted: list[TargetedNode], attachments: list[AssociationDefinition]
) -> Iterator[Finding]:
    """What is wrong with profiles, and with each role once however many nodes have it.

    `attachments` are the associations that attach a profile to instances without any.
    """
    # Where the app itself turns on Default Host Management Configuration.
    managed_by_default = {
        setting.stack.environment
        for setting in app.of_type("AWS::SSM::ServiceSetting")
        if (setting.text_of("SettingId") or "").endswith(HOST_MANAGEMENT)
    }
    users: dict[Resource, TargetedNode] = {}
    for one in targeted:
        profile = one.node.launch.profile
        attachment = None if profile else reaching(attachments, one.node)
        if attachment:
            role = roles.role_of_attachment(attachment.resource)
        else:
            role = roles.role_of_profile(profile) if profile else None
        if role:
            users.setdefault(role, one)
        elif profile or attachment or one.node.environment not in managed_by_default:
            yield _profile(one, attachment)
    for role, one in users.items():
        yield from _trust(role, one)
        yield from _permissions(role, one)


def _profile(one: TargetedNode, attachment: AssociationDefinition | None) -> Finding:
    """A profile that is missing, or whose role the app does not define."""
    profile = one.node.launch.profile
    is_missing = profile is None and attachment is None and one.node.launch.complete
    severity = Severity.ERROR if is_missing else Severity.UNKNOWN
    value = (profile.text() or "a profile from elsewhere") if profile else "none"
    if attachment:
        value = f"one that {attachment.resource} attaches"
    must = "must have an instance profile whose role is known to let the agent work"
    remedy = (
        "give it one whose role carries AmazonSSMManagedInstanceCore, or acknowledge it if that is "
        "so already or Default Host Management Configuration is on"
    )
    return one.lacks(Rule.NODE_PROFILE, must, remedy, value, _SOURCE, severity)


def _trust(role: Resource, one: TargetedNode) -> Iterator[Finding]:
    trusts_ec2 = roles.trusts_ec2(role)
    if not trusts_ec2:
        is_certain = trusts_ec2 is False
        severity = Severity.ERROR if is_certain else Severity.UNKNOWN
        value = "no such statement" if is_certain else "a trust policy of tokens"
        reason = f"must trust ec2.amazonaws.com to serve {one.node.resource}"
        remedy = "let the service principal ec2.amazonaws.com assume the role"
        yield Finding(Rule.NODE_ROLE, role, reason, remedy, value, _SOURCE, severity=severity)


def _permissions(role: Resource, one: TargetedNode) -> Iterator[Finding]:
    missing, is_certain = roles.missing_actions(role, MANAGED_NODE)
    if missing or not is_certain:
        all_missing = len(missing) == len(MANAGED_NODE)
        lacking = f"none of its {len(missing)} actions" if all_missing else ", ".join(missing)
        severity = Severity.ERROR if missing else Severity.UNKNOWN
        value = lacking or "policies from elsewhere"
        reason = f"must allow what the agent of {one.node.resource} calls"
        actions = "oelab.systems_manager.permissions.MANAGED_NODE"
        remedy = f"attach AmazonSSMManagedInstanceCore, or allow what {actions} lists"
        yield Finding(Rule.NODE_ROLE, role, reason, remedy, value, _SOURCE, severity=severity)
