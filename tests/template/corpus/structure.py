"""Properties that a type does not have, lacks, or has in another shape."""

from tests.template.corpus.build import association, bucket, instance, one, role, topic

CASES = {
    "unknown property": instance(Monitored=True),
    "unknown nested property": instance(MetadataOptions={"Tokens": "required"}),
    "unknown property in a list": bucket(
        LifecycleConfiguration={"Rules": [{"Status": "Enabled", "Expires": 3}]}
    ),
    "property in lower case": bucket(bucketName="a-name"),
    "missing required property": one("AWS::EC2::Subnet", CidrBlock="10.0.0.0/24"),
    "no properties where one is required": one("AWS::SSM::Association"),
    "missing nested required property": instance(Tags=[{"Key": "Name"}]),
    "missing required property in a list": one(
        "AWS::EC2::SecurityGroup",
        GroupDescription="It",
        SecurityGroupIngress=[{"FromPort": 22, "ToPort": 22}],
    ),
    "unknown resource type": one("AWS::EC2::Instances"),
    "unknown service": one("AWS::Nothing::Thing"),
    "read-only property": bucket(Arn="arn:aws:s3:::a-bucket"),
    "mutually exclusive properties": one(
        "AWS::EC2::Route",
        RouteTableId="rtb-0123456789abcdef0",
        DestinationCidrBlock="0.0.0.0/0",
        DestinationIpv6CidrBlock="::/0",
        GatewayId="igw-0123456789abcdef0",
    ),
    "none of which one is required": one(
        "AWS::EC2::SecurityGroupIngress", IpProtocol="tcp", FromPort=80, ToPort=80
    ),
    "dependent property missing": association(ScheduleOffset=2, ApplyOnlyAtCronInterval=True),
    "role without trust": one("AWS::IAM::Role", RoleName="It"),
    "policy without statements": role(
        Policies=[{"PolicyName": "It", "PolicyDocument": {"Version": "2012-10-17"}}]
    ),
    "resource without a type": topic(Resources={"It": {"Properties": {}}}),
    "unknown attribute of a resource": one("AWS::SNS::Topic", {"Property": {}}),
    "unknown deletion policy": one("AWS::SNS::Topic", {"DeletionPolicy": "Keep"}),
    "unknown update policy": one("AWS::SNS::Topic", {"UpdatePolicy": {"Rolling": {}}}),
    "unknown replace policy": one("AWS::SNS::Topic", {"UpdateReplacePolicy": "Keep"}),
    "creation policy of a topic": one("AWS::SNS::Topic", {"CreationPolicy": {"Signal": 1}}),
    "duplicate items": one("AWS::IAM::InstanceProfile", Roles=["A", "A"], InstanceProfileName="It"),
    "duplicate tags": instance(Tags=[{"Key": "Name", "Value": "a"}, {"Key": "Name", "Value": "b"}]),
}
