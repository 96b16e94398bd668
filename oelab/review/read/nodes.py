"""Systems Manager: managed nodes, and the account's settings about them."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from oelab.review.models import Node
from oelab.review.read.access import Clients
from oelab.review.read.errors import ReadError, code_of, reading
from oelab.review.read.pages import PAGE
from oelab.systems_manager.documents import HOST_MANAGEMENT

if TYPE_CHECKING:
    from mypy_boto3_ssm.type_defs import InstanceInformationTypeDef

_NOT_SET = "$None"


def read_nodes(clients: Clients) -> Mapping[str, Node]:
    """Every managed node that runs, by id; stopped and terminated ones AWS leaves out.

    Raises `ReadError`. AWS: ssm:DescribeInstanceInformation.
    """
    with reading(clients.place, "ssm:DescribeInstanceInformation"):
        pages = clients.ssm.get_paginator("describe_instance_information").paginate(
            PaginationConfig={"PageSize": PAGE}
        )
        nodes = (_node(each) for page in pages for each in page["InstanceInformationList"])
        return {node.node_id: node for node in nodes}


def read_host_role(clients: Clients) -> str:
    """The role of the default host management configuration, or "" where it is off.

    Raises `ReadError`. AWS: ssm:GetServiceSetting.
    """
    try:
        with reading(clients.place, "ssm:GetServiceSetting"):
            setting = clients.ssm.get_service_setting(SettingId=HOST_MANAGEMENT)["ServiceSetting"]
    except ReadError as error:
        # Regions and partitions without the feature do not know the setting.
        if code_of(error) == "ServiceSettingNotFound":
            return ""
        raise
    value = setting.get("SettingValue", "")
    return "" if value == _NOT_SET else value.rpartition("/")[2]


def _node(each: "InstanceInformationTypeDef") -> Node:
    return Node(
        node_id=each.get("InstanceId", ""),
        ping=each.get("PingStatus", ""),
        agent_version=each.get("AgentVersion", ""),
        platform_type=each.get("PlatformType", ""),
        platform_name=each.get("PlatformName", ""),
        platform_version=each.get("PlatformVersion", ""),
        computer_name=each.get("ComputerName", ""),
        last_ping=each.get("LastPingDateTime"),
        is_ec2=each.get("ResourceType", "EC2Instance") == "EC2Instance",
    )
