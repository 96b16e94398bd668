"""The logical ids of the lab, which are a contract.

CloudFormation knows a resource only by its logical id. A resource under a new id is a new one, and
the one under the old id is deleted, with all that is on it.
"""

import pytest

from oelab.settings import (
    ExistingInstanceSettings,
    FleetDataSettings,
    LogSettings,
    RoleSettings,
    Settings,
)
from oelab.template.assembly import Stack
from tests.diff.versions import inventory, lab, prod, version

PUBLIC_WORKLOAD = {
    "App1": "AWS::EC2::Instance",
    "App2": "AWS::EC2::Instance",
    "NetworkGatewayAttachment3C0DA759": "AWS::EC2::VPCGatewayAttachment",
    "NetworkInternetGatewayD8FF3F66": "AWS::EC2::InternetGateway",
    "NetworkInternetRouteF245D6FD": "AWS::EC2::Route",
    "NetworkRouteTableAC67A54F": "AWS::EC2::RouteTable",
    "NetworkRouteTableAssociation05CFCD2C": "AWS::EC2::SubnetRouteTableAssociation",
    "NetworkSecurityGroup27EB0023": "AWS::EC2::SecurityGroup",
    "NetworkSubnet8D9C3287": "AWS::EC2::Subnet",
    "NetworkVpcFAC8F4A5": "AWS::EC2::VPC",
    "Web1": "AWS::EC2::Instance",
    "Web2": "AWS::EC2::Instance",
}
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
FOUNDATION = {
    "FleetAccessOperatorD3A7FED3": "AWS::IAM::ManagedPolicy",
    "FleetAccessReviewerF17C35EF": "AWS::IAM::ManagedPolicy",
    "ManagedInstancesRole6A00602B": "AWS::IAM::Role",
    "ManagedInstancesRoleInstanceProfile913BF133": "AWS::IAM::InstanceProfile",
}
RESTRICTED_FOUNDATION = FOUNDATION | {
    "ManagedInstancesRoleManagedNode01966FA6": "AWS::IAM::Policy",
}
INVENTORY = {"AssociationsInventoryAllInstances56BBA34D": "AWS::SSM::Association"}
INVENTORY_WITH_LOGS = INVENTORY | {
    "LogsBucket5C52C3D2": "AWS::S3::Bucket",
    "LogsBucketPolicyE3811129": "AWS::S3::BucketPolicy",
    "LogsNodeAccess52617E24": "AWS::IAM::Policy",
}
INVENTORY_WITH_ATTACHMENT = INVENTORY | {
    "ExistingInstancesProfileAttachment6351BACB": "AWS::SSM::Association",
    "ExistingInstancesProfileAttachmentExecutionRole35F6373F": "AWS::IAM::Role",
}
FLEET_DATA = {
    "AccessAnalyst353BD172": "AWS::IAM::ManagedPolicy",
    "Data": "AWS::SSM::ResourceDataSync",
    "DataBucketE6B0FAA8": "AWS::S3::Bucket",
    "DataBucketPolicyE215AACA": "AWS::S3::BucketPolicy",
    "TablesAWSAWSComponentCD1C7F89": "AWS::Glue::Table",
    "TablesAWSApplication85720132": "AWS::Glue::Table",
    "TablesAWSBillingInfoF9A20350": "AWS::Glue::Table",
    "TablesAWSComplianceItemBE964660": "AWS::Glue::Table",
    "TablesAWSComplianceSummaryD86CF3A0": "AWS::Glue::Table",
    "TablesAWSFileBB025EA6": "AWS::Glue::Table",
    "TablesAWSInstanceDetailedInformation8767283D": "AWS::Glue::Table",
    "TablesAWSInstanceInformation0C412054": "AWS::Glue::Table",
    "TablesAWSNetwork76080A1C": "AWS::Glue::Table",
    "TablesAWSPatchSummary4AEC8E1B": "AWS::Glue::Table",
    "TablesAWSResourceGroup028639EB": "AWS::Glue::Table",
    "TablesAWSService242EB241": "AWS::Glue::Table",
    "TablesAWSTag6830A0AF": "AWS::Glue::Table",
    "TablesAWSWindowsRegistryF79CFAE5": "AWS::Glue::Table",
    "TablesAWSWindowsRoleFA9BD813": "AWS::Glue::Table",
    "TablesAWSWindowsUpdate6EEA5B90": "AWS::Glue::Table",
    "TablesAgentVersionsQueryB0B30CA7": "AWS::Athena::NamedQuery",
    "TablesCaptureViewC8CB35D9": "AWS::Glue::Table",
    "TablesComplianceByTypeQuery824C4AFF": "AWS::Athena::NamedQuery",
    "TablesComplianceItemView2E076E2B": "AWS::Glue::Table",
    "TablesComplianceSummaryViewBD3D5290": "AWS::Glue::Table",
    "TablesDatabaseAABD3FAE": "AWS::Glue::Database",
    "TablesDriftQuery60A1DFF9": "AWS::Athena::NamedQuery",
    "TablesMissingPatchesQuery7BA06197": "AWS::Athena::NamedQuery",
    "TablesNodeView50639AD7": "AWS::Glue::Table",
    "TablesNodesWithVersionQueryF2954C4D": "AWS::Athena::NamedQuery",
    "TablesNodesWithoutPackageQuery7C0DD274": "AWS::Athena::NamedQuery",
    "TablesPackageVersionsQuery41A85769": "AWS::Athena::NamedQuery",
    "TablesResultsD85FCDF1": "AWS::S3::Bucket",
    "TablesResultsPolicy9182DFE9": "AWS::S3::BucketPolicy",
    "TablesSoftwareByVersionQuery163799E6": "AWS::Athena::NamedQuery",
    "TablesSoftwareViewF843439A": "AWS::Glue::Table",
    "TablesStaleNodesQuery5F99627B": "AWS::Athena::NamedQuery",
    "TablesWorkgroup2B713C02": "AWS::Athena::WorkGroup",
    "TablesWorkloadView53811E49": "AWS::Glue::Table",
}

CONTRACT: dict[str, tuple[Settings, str, dict[str, str]]] = {
    "foundation": (Settings(), "OELabFoundation", FOUNDATION),
    "restricted foundation": (
        lab(role=RoleSettings(restricted_permissions=True)),
        "OELabFoundation",
        RESTRICTED_FOUNDATION,
    ),
    "workload Test": (Settings(), "OELabStack1", PUBLIC_WORKLOAD),
    "workload Prod": (Settings(), "OELabStack2", PUBLIC_WORKLOAD),
    "private workload": (prod(private=True), "OELabStack2", PRIVATE_WORKLOAD),
    "inventory": (Settings(), "OELabInventory", INVENTORY),
    "inventory with logs": (
        inventory(logs=LogSettings(create_bucket=True)),
        "OELabInventory",
        INVENTORY_WITH_LOGS,
    ),
    "inventory with profile attachment": (
        lab(existing_instances=ExistingInstanceSettings(attach_profile=True)),
        "OELabInventory",
        INVENTORY_WITH_ATTACHMENT,
    ),
    "data of the fleet": (
        lab(fleet_data=FleetDataSettings(enabled=True)),
        "OELabFleetData",
        FLEET_DATA,
    ),
}


@pytest.mark.parametrize("case", CONTRACT)
def test_logical_ids_stay_as_they_are(case: str) -> None:
    settings, stack_name, expected = CONTRACT[case]
    found = types(version(settings)[stack_name])
    gone = {i: kind for i, kind in expected.items() if found.get(i) != kind}
    assert not gone, (
        f"{stack_name} has no {', '.join(f'{i} ({kind})' for i, kind in gone.items())} any more: "
        "the next deployment deletes it. Where only a construct was renamed or moved, give it its "
        "old id again (override_logical_id). Where the resource is really to go, take it from the "
        "table here, and if the guard protects it, name it in allow_replacement of oelab.toml"
    )
    assert found == expected, "a new resource: add its id to the table, from now on it stays"


def types(stack: Stack) -> dict[str, str]:
    return {logical_id: resource.type for logical_id, resource in stack.resources.items()}
