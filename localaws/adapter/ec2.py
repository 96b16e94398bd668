"""EC2's instances with their key pairs and profiles, and the tags of all it holds."""

from collections.abc import Callable
from typing import Any, cast

from ministack.services import ec2 as _ec2
from ministack.services.cloudformation import provisioners as _provisioners

from localaws.adapter import Record


def instances() -> dict[str, Record]:
    return dict(_ec2._instances.items())


def scopes_with_instances() -> set[tuple[str, str]]:
    """Account and Region, wherever there are instances."""
    return {(account, region) for (account, region, _), _ in _ec2._instances.all_items()}


def key_pair_exists(name: str) -> bool:
    return any(record.get("KeyName") == name for record in _ec2._key_pairs.values())


def launch_instance(**settings: Any) -> Record:
    """Start one instance; the caller has checked that everything it names exists."""
    return cast("Record", _ec2._launch_instances_internal(count=1, **settings)[0])


def terminate_instance(instance_id: str) -> None:
    if instance_id in _ec2._instances:
        _ec2._terminate_instances({"InstanceId.1": [instance_id]})


def set_instance_profile(instance_id: str, profile: Record | None) -> None:
    """Exchange the profile association of an instance, or end it."""
    current = _ec2._find_active_iam_instance_profile_association(instance_id)
    if current:
        _ec2._mark_iam_instance_profile_association_disassociated(current)
    if profile:
        _ec2._upsert_iam_instance_profile_association(instance_id, profile)


def tags(resource_id: str) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in _ec2._tags.get(resource_id) or []}


def set_tags(resource_id: str, props: Record, old_props: Record | None = None) -> None:
    """The template's tags onto the resource; tags from elsewhere stay."""
    _provisioners._ec2_apply_tags(resource_id, props, old_props)


def install_instance_view(extra_xml: Callable[[Record], str]) -> None:
    """Let DescribeInstances show more of an instance than MiniStack does by itself."""
    original = _ec2._instance_xml

    def instance_xml(record: Record) -> str:
        head, closing, tail = original(record).rpartition("</item>")
        return f"{head}{extra_xml(record)}{closing}{tail}"

    _ec2._instance_xml = instance_xml
