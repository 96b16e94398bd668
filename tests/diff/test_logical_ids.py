"""The released logical ids of what settings turn on, which are a contract as those of the lab are.

CloudFormation knows a resource only by its logical id. A resource under a new id is a new one, and
the one under the old id is deleted, with all that is on it. Of the lab's own settings the templates
of each release are kept, and `tests/test_releases.py` compares them. What is new is free.
"""

import pytest

from oelab.settings import LogSettings, RoleSettings, Settings
from tests.diff.versions import inventory, lab, prod, version

PRIVATE_WORKLOAD = {
    "App1": "AWS::EC2::Instance",
    "App2": "AWS::EC2::Instance",
    "NetworkEndpointsIngress110967486": "AWS::EC2::SecurityGroupIngress",
    "NetworkEndpointsS3B6F2130F": "AWS::EC2::VPCEndpoint",
    "NetworkEndpointsSecurityGroupF76A5122": "AWS::EC2::SecurityGroup",
    "NetworkEndpointsSsmC69A7852": "AWS::EC2::VPCEndpoint",
    "NetworkEndpointsSsmMessages3F762C16": "AWS::EC2::VPCEndpoint",
    "NetworkRouteTableAC67A54F": "AWS::EC2::RouteTable",
    "NetworkRouteTableAssociation05CFCD2C": "AWS::EC2::SubnetRouteTableAssociation",
    "NetworkSecurityGroup27EB0023": "AWS::EC2::SecurityGroup",
    "NetworkSubnet8D9C3287": "AWS::EC2::Subnet",
    "NetworkVpcFAC8F4A5": "AWS::EC2::VPC",
    "Web1": "AWS::EC2::Instance",
    "Web2": "AWS::EC2::Instance",
}
RESTRICTED_FOUNDATION = {
    "FleetAccessOperatorD3A7FED3": "AWS::IAM::ManagedPolicy",
    "FleetAccessReviewerF17C35EF": "AWS::IAM::ManagedPolicy",
    "ManagedInstancesRole6A00602B": "AWS::IAM::Role",
    "ManagedInstancesRoleInstanceProfile913BF133": "AWS::IAM::InstanceProfile",
    "ManagedInstancesRoleManagedNode01966FA6": "AWS::IAM::Policy",
}
INVENTORY_WITH_LOGS = {
    "AssociationsInventoryAllInstances56BBA34D": "AWS::SSM::Association",
    "LogsBucket5C52C3D2": "AWS::S3::Bucket",
    "LogsBucketPolicyE3811129": "AWS::S3::BucketPolicy",
    "LogsNodeAccess52617E24": "AWS::IAM::Policy",
}

CONTRACT: dict[str, tuple[Settings, str, dict[str, str]]] = {
    "private workload": (prod(private=True), "OELabStack2", PRIVATE_WORKLOAD),
    "restricted foundation": (
        lab(role=RoleSettings(restricted_permissions=True)),
        "OELabFoundation",
        RESTRICTED_FOUNDATION,
    ),
    "inventory with logs": (
        inventory(logs=LogSettings(create_bucket=True)),
        "OELabInventory",
        INVENTORY_WITH_LOGS,
    ),
}


@pytest.mark.parametrize("case", CONTRACT)
def test_logical_ids_stay_as_they_are(case: str) -> None:
    settings, stack_name, expected = CONTRACT[case]
    resources = version(settings)[stack_name].resources
    found = {logical_id: resource.type for logical_id, resource in resources.items()}
    gone = {i: kind for i, kind in expected.items() if found.get(i) != kind}
    assert not gone, (
        f"{stack_name} has no {', '.join(f'{i} ({kind})' for i, kind in gone.items())} any more: "
        "the next deployment deletes it. Where only a construct was renamed or moved, give it its "
        "old id again (override_logical_id). Where the resource is really to go, take it from the "
        "table here, and if the guard protects it, name it in allow_replacement of oelab.toml"
    )
