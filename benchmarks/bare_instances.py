"""Instances by the CDK alone, as many as the argument says, with the properties of the lab's.

What one more of them takes is the least that a typed instance can take.
"""

import gc
import sys

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2

gc.disable()
app = cdk.App(analytics_reporting=False, builtin_cloud_formation_validation=False)
stack = cdk.Stack(app, "Bare")
subnet = ec2.CfnSubnet(stack, "Subnet", vpc_id="vpc-12345678", cidr_block="10.0.0.0/20")
group = ec2.CfnSecurityGroup(stack, "Group", group_description="Of all")
root = ec2.CfnInstance.BlockDeviceMappingProperty(
    device_name="/dev/xvda", ebs=ec2.CfnInstance.EbsProperty(volume_type="gp3", encrypted=True)
)
metadata = ec2.CfnInstance.MetadataOptionsProperty(
    http_tokens="required", http_put_response_hop_limit=1
)
tags = [cdk.CfnTag(key=f"Key{number}", value="Value") for number in range(8)]
for number in range(int(sys.argv[1])):
    ec2.CfnInstance(
        stack,
        f"Instance{number}",
        image_id="ami-12345678",
        instance_type="t3.micro",
        subnet_id=subnet,
        security_group_ids=[group],
        iam_instance_profile="ManagedInstancesRole",
        user_data="IyEvYmluL2Jhc2gK",
        metadata_options=metadata,
        block_device_mappings=[root],
        propagate_tags_to_volume_on_creation=True,
        tags=tags,
    )
app.synth()
gc.freeze()
