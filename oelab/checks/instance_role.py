"""The instance profile of a node, whether its role lets the agent work, and what else does.

Default Host Management Configuration, where the app itself turns it on, manages instances that have
no profile or one whose role does not let the agent register, and requires IMDSv2 of them. Source:
"Managing EC2 instances automatically with Default Host Management Configuration", Systems Manager
User Guide.
"""

import json
from collections.abc import Iterator

from oelab.checks import roles
from oelab.checks.associations import AssociationDefinition, TargetedNode, reaching
from oelab.checks.rules import certainty, violation
from oelab.environment import Environment
from oelab.findings import Finding
from oelab.systems_manager.agent import requires_imdsv2
from oelab.systems_manager.documents import HOST_MANAGEMENT
from oelab.systems_manager.permissions import MANAGED_NODE, OF_NODES
from oelab.template.app import App
from oelab.template.expression import Resource

# By itself, or by a call of the API.
_SETTINGS = ("AWS::SSM::ServiceSetting", "Custom::AWS", "AWS::CloudFormation::CustomResource")


def findings(
    app: App, targeted: list[TargetedNode], attachments: list[AssociationDefinition]
) -> Iterator[Finding]:
    """What is wrong with profiles, and with each role once however many nodes have it.

    `attachments` are the associations that attach a profile to instances without any.
    """
    managed_by_default = _managed_by_default(app)
    users: dict[Resource, TargetedNode] = {}
    for one in targeted:
        profile = one.node.launch.profile
        attachment = None if profile else reaching(attachments, one.node)
        role = roles.role_of_profile(profile)
        if attachment:
            role = roles.role_of_attachment(attachment.resource)
        is_default = one.node.environment in managed_by_default and (
            _cannot_register(role) if role else not (profile or attachment)
        )
        yield from _metadata(one, is_default=is_default)
        if role and not is_default:
            users.setdefault(role, one)
        elif not is_default:
            yield _profile(one, attachment)
    for role, one in users.items():
        yield from _role(role, one)


def _profile(one: TargetedNode, attachment: AssociationDefinition | None) -> Finding:
    """A profile that is missing, or whose role the app does not define."""
    profile = one.node.launch.profile
    is_missing = profile is None and attachment is None and one.node.launch.complete
    value = (profile.text() or "a profile from elsewhere") if profile else "none"
    if attachment:
        value = f"one that {attachment.resource} attaches"
    return one.finding("NodeInstanceProfile", value, is_certain=is_missing)


def _cannot_register(role: Resource) -> bool:
    """Whether a role certainly leaves the registration of its node to host management."""
    missing, _ = roles.missing_actions(role, OF_NODES["overriding"])
    return bool(missing)


def _managed_by_default(app: App) -> set[Environment]:
    """Where the app itself turns on Default Host Management Configuration."""
    return {
        setting.stack.environment
        for setting_type in _SETTINGS
        for setting in app.of_type(setting_type)
        if HOST_MANAGEMENT in json.dumps(setting.properties.evaluate())
    }


def _metadata(one: TargetedNode, *, is_default: bool) -> Iterator[Finding]:
    launch = one.node.launch
    options = launch.metadata
    tokens = options.get("HttpTokens") if options else None
    if options and options.text_of("HttpEndpoint") == "disabled":
        yield one.finding("NodeMetadata", "HttpEndpoint=disabled", case="off")
    elif is_default:
        value = tokens.text() if tokens else "not stated"
        is_unsaid = tokens is None and launch.complete
        is_optional = is_unsaid and not requires_imdsv2(launch.image_parameter)
        if is_optional or (tokens and value not in ("required", None)):
            yield one.finding("NodeMetadata", f"HttpTokens={value}", case="version")


def _role(role: Resource, one: TargetedNode) -> Iterator[Finding]:
    """What keeps EC2 from giving the role to the node, or its agent from working."""
    if not (trusts_ec2 := roles.trusts_ec2(role)):
        severity = certainty(trusts_ec2 is False)
        value = "no such statement" if trusts_ec2 is False else "a trust policy of tokens"
        yield violation("NodeRole", role, value, case="trust", severity=severity, **one.words)
    for name, meant in roles.misspelt_policies(role):
        yield violation("PolicyName", role, name, meant=meant)
    missing, is_certain = roles.missing_actions(role, MANAGED_NODE)
    if missing or not is_certain:
        all_missing = len(missing) == len(MANAGED_NODE)
        lacking = f"none of its {len(missing)} actions" if all_missing else ", ".join(missing)
        value = lacking or "policies from elsewhere"
        severity = certainty(bool(missing))
        yield violation("NodeRole", role, value, case="permissions", severity=severity, **one.words)
