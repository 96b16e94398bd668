"""An EC2 instance fit to be a managed node."""

from collections.abc import Mapping, Sequence
from functools import cache

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from aws_cdk.interfaces import aws_ec2 as ec2_refs
from aws_cdk.interfaces import aws_iam as iam_refs
from constructs import Construct

from oelab.constraints import ec2 as ec2_rules
from oelab.constraints import iam as iam_rules
from oelab.constraints import tags as tag_rules
from oelab.constructs.validation import require


class ManagedInstance(ec2.CfnInstance):
    """One EC2 instance: IMDSv2 only with a hop limit of 1, and an encrypted gp3 root volume.

    It is an L1 `CfnInstance` with its values set, not an L2 `Instance`: the L2 gives an instance
    that wants no profile a role and a profile of its own.

    Args:
        image_id: the Amazon Machine Image.
        instance_type: such as `t3.micro`.
        subnet: the subnet, or its id.
        security_groups: the security groups, or their ids; 1 to 16.
        instance_profile: the instance profile or its name; without one the instance becomes a
            managed node only through Default Host Management Configuration.
        key_name: a key pair for SSH; Session Manager needs none.
        availability_zone: of the subnet; EC2 takes the subnet's own where this is unset.
        root_device_name: as the image names it; `/dev/xvda` for Amazon Linux.
        user_data: the text of what is run at the first start (`UserData.render()`), 16 KB at most.
        tags: of the instance and of the volumes made at its launch.

    Raises:
        FindingsError: a value that EC2 would refuse.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        image_id: str,
        instance_type: str,
        subnet: str | ec2_refs.ISubnetRef,
        security_groups: Sequence[str | ec2_refs.ISecurityGroupRef],
        instance_profile: str | iam_refs.IInstanceProfileRef | None = None,
        key_name: str | None = None,
        availability_zone: str | None = None,
        root_device_name: str = "/dev/xvda",
        user_data: str | None = None,
        tags: Mapping[str, str] | None = None,
    ) -> None:
        tags = tags or {}
        require(
            ec2_rules.image_id("image_id", image_id),
            ec2_rules.instance_type("instance_type", instance_type),
            ec2_rules.subnet_id("subnet", subnet) if isinstance(subnet, str) else (),
            ec2_rules.security_groups("security_groups", security_groups),
            ec2_rules.availability_zone("availability_zone", availability_zone)
            if availability_zone is not None
            else (),
            ec2_rules.root_device_name("root_device_name", root_device_name),
            tag_rules.tags("tags", tags),
            ec2_rules.key_name("key_name", key_name) if key_name is not None else (),
            ec2_rules.user_data("user_data", user_data) if user_data is not None else (),
            iam_rules.instance_profile_name("instance_profile", instance_profile)
            if isinstance(instance_profile, str)
            else (),
        )
        super().__init__(
            scope,
            construct_id,
            image_id=image_id,
            instance_type=instance_type,
            subnet_id=subnet,
            security_group_ids=list(security_groups),
            iam_instance_profile=instance_profile,
            key_name=key_name,
            availability_zone=availability_zone,
            user_data=_base64(user_data) if user_data else None,
            metadata_options=_imdsv2_only(),
            block_device_mappings=[_encrypted(root_device_name)],
            propagate_tags_to_volume_on_creation=True,
            tags=[_tag(key, value) for key, value in tags.items()],
        )


# Hundreds of instances share these values, and each costs a check of its types or a call of node.


@cache
def _imdsv2_only() -> ec2.CfnInstance.MetadataOptionsProperty:
    return ec2.CfnInstance.MetadataOptionsProperty(
        http_tokens="required", http_put_response_hop_limit=1
    )


@cache
def _encrypted(device_name: str) -> ec2.CfnInstance.BlockDeviceMappingProperty:
    return ec2.CfnInstance.BlockDeviceMappingProperty(
        device_name=device_name,
        ebs=ec2.CfnInstance.EbsProperty(volume_type="gp3", encrypted=True),
    )


@cache
def _tag(key: str, value: str) -> cdk.CfnTag:
    return cdk.CfnTag(key=key, value=value)


@cache
def _base64(text: str) -> str:
    return cdk.Fn.base64(text)
