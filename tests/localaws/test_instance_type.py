"""AWS::EC2::Instance: created, updated in place, replaced, refused and deleted."""

import pytest

from tests.localaws.lab import IMAGE, UBUNTU, Lab, node, profile, ref, resource, tags, template


def test_an_instance_is_what_its_template_says(lab: Lab) -> None:
    names = ("PublicDnsName", "PublicIp", "PrivateIp", "PrivateDnsName", "AvailabilityZone")
    document = template(Node=node())
    document["Outputs"] = {n: {"Value": {"Fn::GetAtt": ["Node", n]}} for n in names}
    status = lab.deploy(document, Tags=tags(Owner="me", Environment="of the stack"))
    assert status == "CREATE_COMPLETE", lab.failures()
    instance, outputs = lab.instance("Node"), lab.outputs()
    assert instance["State"]["Name"] == "running"
    assert instance["InstanceType"] == "t3.micro"
    assert instance["IamInstanceProfile"]["Arn"].endswith(":instance-profile/NodeRole")
    assert instance["SubnetId"] == lab.physical_id("Subnet")
    assert [g["GroupId"] for g in instance["SecurityGroups"]] == [lab.physical_id("Group")]
    found = {tag["Key"]: tag["Value"] for tag in instance["Tags"]}
    assert (found["Owner"], found["Environment"]) == ("me", "OELabIPM")
    assert found["aws:cloudformation:logical-id"] == "Node"
    assert outputs == {
        "PublicIp": instance["PublicIpAddress"],
        "PublicDnsName": instance["PublicDnsName"],
        "PrivateIp": "10.0.0.4",
        "PrivateDnsName": "ip-10-0-0-4.ec2.internal",
        "AvailabilityZone": "us-east-1a",
    }
    assert outputs["PublicDnsName"].startswith("ec2-")


def test_a_private_subnet_gives_no_public_address(lab: Lab) -> None:
    document = template(Node=node())
    document["Resources"]["Subnet"]["Properties"]["MapPublicIpOnLaunch"] = False
    lab.deploy(document)
    assert not lab.instance("Node").get("PublicIpAddress")


@pytest.mark.parametrize(
    ("changes", "member"),
    [
        ({"InstanceType": "t3.small"}, "InstanceType"),
        ({"Tags": tags(Environment="other")}, "Tags"),
        ({"IamInstanceProfile": None}, "IamInstanceProfile"),
        ({"IamInstanceProfile": "OtherRole"}, "IamInstanceProfile"),
        ({"SecurityGroupIds": [ref("OtherGroup")]}, "SecurityGroups"),
    ],
)
def test_updated_in_place(lab: Lab, changes: dict[str, object], member: str) -> None:
    others = {
        **profile("OtherRole"),
        "OtherGroup": resource(
            "AWS::EC2::SecurityGroup", GroupDescription="Another", VpcId=ref("Vpc")
        ),
    }
    lab.deploy(template(**others, Node=node()))
    before = lab.instance("Node")
    assert lab.deploy(template(**others, Node=node(**changes))) == "UPDATE_COMPLETE"
    after = lab.instance("Node")
    assert after["InstanceId"] == before["InstanceId"]
    assert after.get(member) != before.get(member)


@pytest.mark.parametrize(
    "changes",
    [{"ImageId": UBUNTU}, {"SubnetId": ref("OtherSubnet")}, {"KeyName": "key"}],
)
def test_replaced(lab: Lab, changes: dict[str, object]) -> None:
    other = resource("AWS::EC2::Subnet", VpcId=ref("Vpc"), CidrBlock="10.0.1.0/24")
    lab.ec2.create_key_pair(KeyName="key")
    lab.deploy(template(OtherSubnet=other, Node=node()))
    before = lab.physical_id("Node")
    assert lab.deploy(template(OtherSubnet=other, Node=node(**changes))) == "UPDATE_COMPLETE"
    assert lab.physical_id("Node") != before
    answer = lab.ec2.describe_instances(InstanceIds=[before])
    assert answer["Reservations"][0]["Instances"][0]["State"]["Name"] == "terminated"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"ImageId": "ami-0123456789abcdef9"}, "InvalidAMIID.NotFound"),
        ({"SubnetId": "subnet-0123456789abcdef0"}, "InvalidSubnetID.NotFound"),
        ({"SecurityGroupIds": ["sg-0123456789abcdef0"]}, "InvalidGroup.NotFound"),
        ({"KeyName": "missing"}, "InvalidKeyPair.NotFound"),
        ({"IamInstanceProfile": "Missing"}, "Invalid IAM Instance Profile name"),
    ],
)
def test_refused_and_rolled_back(lab: Lab, changes: dict[str, object], code: str) -> None:
    assert lab.deploy(template(Node=node(**changes))) == "ROLLBACK_COMPLETE"
    assert code in lab.failures()["Node"]
    assert not lab.ec2.describe_instances()["Reservations"]


def test_a_failed_update_leaves_the_instance_as_it_was(lab: Lab) -> None:
    lab.deploy(template(Node=node()))
    before = lab.instance("Node")
    bad = template(Node=node(InstanceType="t3.small", ImageId="ami-0123456789abcdef9"))
    assert lab.deploy(bad) == "UPDATE_ROLLBACK_COMPLETE"
    after = lab.instance("Node")
    assert (after["InstanceId"], after["ImageId"]) == (before["InstanceId"], IMAGE)
    assert (after["InstanceType"], after["Tags"]) == ("t3.micro", before["Tags"])


def test_deleted_with_its_stack(lab: Lab) -> None:
    lab.deploy(template(Node=node()))
    instance_id = lab.physical_id("Node")
    lab.delete()
    answer = lab.ec2.describe_instances(InstanceIds=[instance_id])
    assert answer["Reservations"][0]["Instances"][0]["State"]["Name"] == "terminated"


@pytest.mark.parametrize(
    "name",
    [
        "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64",
        "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-6.1-arm64",
        "/aws/service/canonical/ubuntu/server/24.04/stable/current/amd64/hvm/ebs-gp3/ami-id",
        "/aws/service/ami-windows-latest/Windows_Server-2022-English-Full-Base",
    ],
)
def test_public_parameters_name_images_that_exist(lab: Lab, name: str) -> None:
    image = lab.ssm.get_parameter(Name=name)["Parameter"]["Value"]
    (found,) = lab.ec2.describe_images(ImageIds=[image])["Images"]
    assert found["Architecture"] == ("arm64" if name.endswith("arm64") else "x86_64")
    assert found["CreationDate"].startswith("2024-10-")


def test_an_image_parameter_resolves_in_a_template(lab: Lab) -> None:
    document = template(Node=node(ImageId=ref("Image")))
    document["Parameters"] = {
        "Image": {
            "Type": "AWS::SSM::Parameter::Value<AWS::EC2::Image::Id>",
            "Default": "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64",
        }
    }
    assert lab.deploy(document) == "CREATE_COMPLETE"
    assert lab.instance("Node")["ImageId"] == IMAGE
