"""Which instances are managed nodes, from what EC2 and IAM say about them.

An instance registers a moment after all of these hold: it runs, the role of its instance profile
may be assumed by EC2 and allows `ssm:UpdateInstanceInformation` (or the account's default host
management role does and the instance demands IMDSv2), and it has a way out on 443. Where one of
them ceases to hold, the connection is lost; here at once, on AWS after some minutes.
"""

from localaws import images
from localaws.adapter import Record, ec2, iam, ssm
from localaws.iam_policy import trusted_services
from localaws.systems_manager.reachability import has_way_out
from localaws.systems_manager.state import Node, ScopeState

REGISTRATION_SECONDS = 2.0
REGISTERING_ACTION = "ssm:UpdateInstanceInformation"
DEFAULT_HOST_SETTING = "/ssm/managed-instance/default-ec2-instance-management-role"


def refresh(state: ScopeState, now: float) -> set[str]:
    """Bring every node up to date; the ids of those that have come online just now."""
    instances = ec2.instances()
    came_online = set()
    for instance_id, instance in instances.items():
        node = state.nodes.setdefault(instance_id, Node(instance_id))
        _look_at(node, instance)
        if _connect(node, instance, now):
            came_online.add(instance_id)
    for instance_id, node in state.nodes.items():
        # MiniStack forgets a terminated instance after a minute, as EC2 does after an hour.
        if instance_id not in instances:
            node.ec2_state, node.online = "terminated", False
    return came_online


def _look_at(node: Node, instance: Record) -> None:
    node.ec2_state = instance["State"]["Name"]
    node.operating_system = images.operating_system(instance["ImageId"])
    node.architecture = instance["Architecture"]
    node.instance_type = instance["InstanceType"]
    node.private_ip = instance["PrivateIpAddress"]
    node.computer_name = instance["PrivateDnsName"]
    node.user_data = instance.get("UserData") or ""
    node.tags = ec2.tags(node.instance_id) or node.tags


def _connect(node: Node, instance: Record, now: float) -> bool:
    """Register or ping; whether the node has come online by that."""
    was_online, node.online = node.online, False
    if node.ec2_state != "running" or node.silent or not _may_connect(node, instance):
        node.ready_since = None
        return False
    if node.ready_since is None:
        node.ready_since = now
    if now - node.ready_since < REGISTRATION_SECONDS and not was_online:
        return False
    if node.registered_at is None:
        node.registered_at = node.ready_since + REGISTRATION_SECONDS
    node.online, node.last_ping = True, now
    return not was_online


def _may_connect(node: Node, instance: Record) -> bool:
    node.role_name = _registering_role(instance)
    return bool(node.role_name) and has_way_out(instance)


def _registering_role(instance: Record) -> str:
    """The role the agent registers with, or nothing."""
    reference = instance.get("IamInstanceProfile") or {}
    profile = iam.instance_profile(arn=reference["Arn"]) if reference.get("Arn") else None
    for name in (profile or {}).get("Roles", []):
        if _serves(name, "ec2.amazonaws.com"):
            return str(name)
    # A profile that allows it takes precedence over default host management, which needs IMDSv2.
    setting = ssm.service_setting(DEFAULT_HOST_SETTING)
    tokens = (instance.get("MetadataOptions") or {}).get("HttpTokens")
    if setting == "$None" or tokens != "required":
        return ""
    name = setting.rpartition("/")[2]
    return name if _serves(name, "ssm.amazonaws.com") else ""


def _serves(role_name: str, service: str) -> bool:
    role = iam.role(role_name)
    return (
        role is not None
        and service in trusted_services(role["AssumeRolePolicyDocument"])
        and iam.role_allows(role_name, REGISTERING_ACTION, "*")
    )
