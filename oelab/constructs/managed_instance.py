"""An EC2 instance fit to be a managed node."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Annotated

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from constructs import Construct

from oelab.constraints import ec2 as accepted
from oelab.constraints.tags import TAGS
from oelab.constructs.arguments import check_arguments
from oelab.constructs.managed_instances_role import ManagedInstancesRole
from oelab.constructs.references import InstanceProfile, SecurityGroup, Subnet


class ManagedInstance(ec2.CfnInstance):
    """One EC2 instance: IMDSv2 only with a hop limit of 1, and an encrypted gp3 root volume.

    It is an L1 `CfnInstance` with its values set, not an L2 `Instance`: the L2 gives an instance
    that wants no profile a role and a profile of its own.

    Args:
        image_id: the id of an Amazon Machine Image such as ami-0123456789abcdef0.
        instance_type: a family and a size such as t3.micro.
        subnet: the subnet, or the id of a subnet such as subnet-0123456789abcdef0.
        security_groups: 1 to 16 security groups, or their ids.
        instance_profile: the instance profile, its name, or the `ManagedInstancesRole` that brings
            one; without one the instance becomes a managed node only through Default Host
            Management Configuration.
        key_name: a key pair for SSH, by 1 to 255 printable ASCII characters, no space at either
            end, without a dynamic reference; Session Manager needs none.
        root_device_name: as the image names it; `/dev/xvda` for Amazon Linux.
        user_data: the text of what is run at the first start (`UserData.render()`), 16 KB at most.
        tags: up to 50 tags, of the instance and of the volumes made at its launch.

    Raises:
        FindingsError: a value that EC2 would refuse.
    """

    @check_arguments()
    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        image_id: Annotated[str, accepted.IMAGE_ID],
        instance_type: Annotated[str, accepted.INSTANCE_TYPE],
        subnet: Subnet,
        security_groups: Annotated[Sequence[SecurityGroup], accepted.SECURITY_GROUPS_OR_IDS],
        instance_profile: InstanceProfile | ManagedInstancesRole | None = None,
        key_name: Annotated[str, accepted.KEY_NAME] | None = None,
        root_device_name: Annotated[str, accepted.ROOT_DEVICE_NAME] = "/dev/xvda",
        user_data: Annotated[str, accepted.user_data, "give what its `render()` returns"]
        | None = None,
        tags: Annotated[Mapping[str, str], TAGS] | None = None,
    ) -> None:
        if isinstance(instance_profile, ManagedInstancesRole):
            instance_profile = instance_profile.instance_profile
        super().__init__(
            scope,
            construct_id,
            image_id=image_id,
            instance_type=instance_type,
            subnet_id=subnet,
            security_group_ids=list(security_groups),
            iam_instance_profile=instance_profile,
            key_name=key_name,
            user_data=_base64(user_data) if user_data else None,
            metadata_options={"httpTokens": "required", "httpPutResponseHopLimit": 1},
            block_device_mappings=[
                {"deviceName": root_device_name, "ebs": {"volumeType": "gp3", "encrypted": True}}
            ],
            propagate_tags_to_volume_on_creation=True,
            tags=[{"key": key, "value": value} for key, value in (tags or {}).items()],
        )


# Hundreds of instances share it, and each costs a call of node.
_base64 = cache(cdk.Fn.base64)
