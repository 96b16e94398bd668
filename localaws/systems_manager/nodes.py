"""Which instances are managed nodes, from what EC2 and IAM say about them.

An instance registers a moment after all of these hold: it runs, it has the agent, the role of its
instance profile may be assumed by EC2 and allows `ssm:UpdateInstanceInformation` (or the account's
default host management role does and the instance demands IMDSv2), and it reaches Systems Manager.
Where one of them ceases to hold, the connection is lost; here at once, on AWS after some minutes.
"""

from localaws import images
from localaws.adapter import Record, ec2, iam, ssm
from localaws.systems_manager import agent
from localaws.systems_manager.instance_network import instance_reaches_systems_manager
from localaws.systems_manager.state import Node, RegionState

REGISTRATION_SECONDS = 2.0
REGISTERING_ACTION = "ssm:UpdateInstanceInformation"
DEFAULT_HOST_SETTING = "/ssm/managed-instance/default-ec2-instance-management-role"


def refresh(state: RegionState, now: float) -> set[str]:
    """Bring every node up to date; the ids of those that have come online just now."""
    for node_id, instance in ec2.instances().items():
        node = state.nodes.setdefault(node_id, Node(instance))
        node.tags = ec2.tags(node_id)
    return {node_id for node_id, node in state.nodes.items() if _comes_online(node, now)}


def _comes_online(node: Node, now: float) -> bool:
    """Register the node or let it ping; whether it has come online by that."""
    was_online, node.is_online = node.is_online, False
    if node.ec2_state != "running" or node.is_silenced or not _may_connect(node):
        node.ready_since = None
        return False
    if node.ready_since is None:
        node.ready_since = now
    if now - node.ready_since < REGISTRATION_SECONDS:
        return False
    if node.registered_at is None:
        node.registered_at = now
    node.is_online, node.last_ping = True, now
    return not was_online


def _may_connect(node: Node) -> bool:
    instance = node.instance
    node.role_name = _registering_role(instance)
    image = images.image_of(instance["ImageId"])
    has_agent = agent.is_preinstalled(image["name"]) is not False
    return (
        bool(node.role_name)
        and (has_agent or agent.is_installed_by(instance["UserData"]))
        and instance_reaches_systems_manager(instance)
    )


def _registering_role(instance: Record) -> str:
    """The role the agent registers with, or nothing."""
    reference = instance.get("IamInstanceProfile") or {}
    profile = iam.instance_profile(arn=reference["Arn"]) if reference else None
    for name in (profile or {}).get("Roles", []):
        if _serves(name, "ec2.amazonaws.com"):
            return str(name)
    # A profile that allows it takes precedence over default host management, which needs IMDSv2.
    setting = ssm.service_setting(DEFAULT_HOST_SETTING)
    name = setting.rpartition("/")[2]
    demands_imdsv2 = instance.get("MetadataOptions", {}).get("HttpTokens") == "required"
    return name if demands_imdsv2 and _serves(name, "ssm.amazonaws.com") else ""


def _serves(role_name: str, service: str) -> bool:
    """Whether the service may assume the role, and the role may register nodes."""
    return iam.is_trusted(role_name, service) and iam.role_allows(
        role_name, REGISTERING_ACTION, "*"
    )
