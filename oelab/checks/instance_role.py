"""The instance profile of a node, and whether its role lets the agent work.

Source: "Configure instance permissions required for Systems Manager", Systems Manager User Guide.
"""

from collections.abc import Iterator

from oelab.checks import roles
from oelab.checks.rules import Rule
from oelab.checks.targeted_node import Reached
from oelab.findings import Finding, Severity
from oelab.systems_manager import permissions
from oelab.systems_manager.documents import HOST_MANAGEMENT
from oelab.template.app import App
from oelab.template.assembly import Environment
from oelab.template.expression import Expression, Resource

_SOURCE = (
    'Systems Manager User Guide, "Configure instance permissions required for Systems Manager"'
)


def findings(app: App, reached: list[Reached]) -> Iterator[Finding]:
    """What is wrong with profiles, and with each role once however many nodes have it."""
    managed_by_default = set(_default_host_management(app))
    judged: set[Resource] = set()
    for one in reached:
        profile = one.node.launch.profile
        if profile is None:
            if one.node.environment not in managed_by_default:
                yield _no_profile(one)
            continue
        role = roles.role_of_profile(profile)
        if role is None:
            yield _profile_from_elsewhere(one, profile)
        elif role not in judged:
            judged.add(role)
            yield from _trust(role, one)
            yield from _permissions(role, one)


def _no_profile(one: Reached) -> Finding:
    return one.lacks(
        Rule.PROFILE,
        Severity.ERROR if one.node.launch.complete else Severity.UNKNOWN,
        must="must have an instance profile",
        value="none",
        remedy="give it one whose role carries AmazonSSMManagedInstanceCore, or acknowledge it if "
        "Default Host Management Configuration is on",
        source=_SOURCE,
    )


def _profile_from_elsewhere(one: Reached, profile: Expression) -> Finding:
    return one.lacks(
        Rule.PROFILE,
        Severity.UNKNOWN,
        must="must have an instance profile whose role the app defines, to be checked",
        value=profile.text() or "a profile from elsewhere",
        remedy="see that its role carries AmazonSSMManagedInstanceCore",
        source=_SOURCE,
    )


def _trust(role: Resource, one: Reached) -> Iterator[Finding]:
    trusted = roles.trusts_ec2(role)
    if trusted is not True:
        yield _role_fault(
            role,
            Severity.ERROR if trusted is False else Severity.UNKNOWN,
            must=f"must trust ec2.amazonaws.com to serve {one.node.path}",
            value="no such statement" if trusted is False else "a trust policy of tokens",
            remedy="let the service principal ec2.amazonaws.com assume the role",
        )


def _permissions(role: Resource, one: Reached) -> Iterator[Finding]:
    missing, certain = roles.missing_actions(role, permissions.MANAGED_NODE)
    if missing or not certain:
        yield _role_fault(
            role,
            Severity.ERROR if missing else Severity.UNKNOWN,
            must=f"must allow what the agent of {one.node.path} calls",
            value=_refused(missing) if missing else "policies from elsewhere",
            remedy="attach AmazonSSMManagedInstanceCore, or allow what "
            "oelab.systems_manager.permissions.MANAGED_NODE lists",
        )


def _role_fault(
    role: Resource, severity: Severity, *, must: str, value: str, remedy: str
) -> Finding:
    return Finding(
        rule=Rule.ROLE,
        severity=severity,
        subject=role,
        value=value,
        reason=must,
        remedy=remedy,
        source=_SOURCE,
    )


def _refused(actions: list[str]) -> str:
    if len(actions) == len(permissions.MANAGED_NODE):
        return f"none of its {len(actions)} actions"
    return f"nothing for {', '.join(actions)}"


def _default_host_management(app: App) -> Iterator[Environment]:
    """Where the app itself turns on Default Host Management Configuration."""
    for setting in app.of_type("AWS::SSM::ServiceSetting"):
        if (setting.text_of("SettingId") or "").endswith(HOST_MANAGEMENT):
            yield setting.stack.environment
