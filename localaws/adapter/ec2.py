"""EC2's instances with their volumes, key pairs and profiles, and the tags of all it holds."""

from collections.abc import Callable
from typing import cast

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


def launch_instance(
    *,
    image_id: str,
    instance_type: str,
    subnet_id: str,
    key_name: str,
    user_data: str,
    group_ids: list[str],
    private_ip: str,
    profile: Record | None,
) -> Record:
    """Start one instance; the caller has checked that everything it names exists."""
    launched = _ec2._launch_instances_internal(
        image_id=image_id,
        instance_type=instance_type,
        subnet_id=subnet_id,
        count=1,
        key_name=key_name,
        user_data=user_data,
        sg_ids=group_ids,
        requested_private_ip=private_ip,
        iam_profile=profile,
    )
    return cast("Record", launched[0])


def terminate_instance(instance_id: str) -> None:
    if instance_id in _ec2._instances:
        _ec2._terminate_instances({"InstanceId.1": [instance_id]})


def volume(volume_id: str) -> Record | None:
    return cast("Record | None", _ec2._volumes.get(volume_id))


def add_volume(zone: str, instance_id: str, device: str, created: str) -> Record:
    volume_id = _ec2._new_volume_id()
    record: Record = {
        "VolumeId": volume_id,
        "Size": 8,
        "AvailabilityZone": zone,
        "State": "in-use",
        "VolumeType": "gp2",
        "SnapshotId": "",
        "Iops": 100,
        "Encrypted": False,
        "CreateTime": created,
        "MultiAttachEnabled": False,
        "Attachments": [
            {
                "VolumeId": volume_id,
                "InstanceId": instance_id,
                "Device": device,
                "State": "attached",
                "AttachTime": created,
                "DeleteOnTermination": True,
            }
        ],
    }
    _ec2._volumes[volume_id] = record
    return record


def delete_volume(volume_id: str) -> None:
    _ec2._volumes.pop(volume_id, None)
    _ec2._tags.pop(volume_id, None)


def set_instance_profile(instance_id: str, profile: Record | None) -> None:
    """Exchange the profile association of an instance, or end it."""
    _ec2._sync_iam_instance_profile_associations()
    current = _ec2._find_active_iam_instance_profile_association(instance_id)
    if current:
        _ec2._mark_iam_instance_profile_association_disassociated(current)
    record = _ec2._instances[instance_id]
    record["IamInstanceProfile"] = profile
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
        text = cast("str", original(record))
        head, closing, tail = text.rpartition("</item>")
        return head + extra_xml(record) + closing + tail

    _ec2._instance_xml = instance_xml
