"""`AWS::EC2::SecurityGroupIngress`: a rule that a template has as a resource of its own.

Every change replaces it, also of its description, which EC2 would change in place.
"""

from localaws.adapter import Record, cloudformation, networking
from localaws.errors import AwsError

_PROPERTIES = (
    "GroupId",
    "IpProtocol",
    "FromPort",
    "ToPort",
    "CidrIp",
    "CidrIpv6",
    "SourcePrefixListId",
    "SourceSecurityGroupId",
    "Description",
)


def install() -> None:
    cloudformation.install_immutable_type(
        "AWS::EC2::SecurityGroupIngress",
        create=_create,
        delete=networking.revoke_ingress,
        properties=_PROPERTIES,
    )


def _create(props: Record) -> tuple[str, Record]:
    group_id = props.get("GroupId", "")
    if not networking.security_group(group_id):
        message = f"The security group '{group_id}' does not exist"
        raise AwsError("InvalidGroup.NotFound", message, 400)
    rule_id = networking.authorize_ingress(group_id, props)
    return rule_id, {"Id": rule_id}
