"""The AWS calls that each kind of principal needs, as the permissions.toml here lists them."""

from collections.abc import Mapping, Sequence

from oelab.data_files import read_toml

ACTIONS: Mapping[str, Mapping[str, Sequence[str]]] = read_toml("permissions.toml", __package__)
"""Every list, by the principal and the purpose."""

OF_NODES: Mapping[str, Sequence[str]] = ACTIONS["nodes"]
OF_PEOPLE: Mapping[str, Sequence[str]] = ACTIONS["people"]

MANAGED_NODE = sorted((*OF_NODES["registration"], *OF_NODES["inventory"]))
"""What the agent of a managed node calls for inventory, and no more."""

EC2_PRINCIPALS = ("ec2.amazonaws.com", "ec2.${AWS::URLSuffix}")
"""How the service principal begins that a node's role must trust; some partitions add to it."""

AWS_POLICIES: Mapping[str, Sequence[str]] = {
    **read_toml("aws_policies.toml", __package__),
    "service-role/AmazonEC2RoleforSSM": (*MANAGED_NODE, "s3:PutObject", *OF_NODES["log_bucket"]),
    "AmazonSSMManagedEC2InstanceDefaultPolicy": MANAGED_NODE,
    "AmazonSSMManagedInstanceCore": MANAGED_NODE,
}
"""AWS managed policies that are often attached to instances, with their paths: what of all that is
named here they allow, as patterns.

What any other AWS managed policy allows is not known here. Source: AWS Managed Policy Reference
Guide.
"""
