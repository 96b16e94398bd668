"""Values of the wrong type."""

from tests.template.corpus.build import association, bucket, instance, named, one, role

CASES = {
    "list for a string": named(["a", "b"]),
    "map for a string": named({"Name": "a"}),
    "string for a list": instance(SecurityGroupIds="sg-0123456789abcdef0"),
    "map for a list": bucket(Tags={"Key": "a", "Value": "b"}),
    "list for a map": bucket(VersioningConfiguration=["Enabled"]),
    "string for a map": bucket(VersioningConfiguration="Enabled"),
    "word for a number": one("AWS::SQS::Queue", DelaySeconds="soon"),
    "fraction for an integer": one("AWS::SQS::Queue", DelaySeconds=1.5),
    "word for a boolean": one("AWS::EC2::VPC", CidrBlock="10.0.0.0/16", EnableDnsSupport="yes"),
    "number for a boolean": one("AWS::EC2::VPC", CidrBlock="10.0.0.0/16", EnableDnsSupport=2),
    "string in a list of maps": instance(Tags=["Name=a"]),
    "number in a list of maps": instance(BlockDeviceMappings=[8]),
    "list for a map of lists": association(Parameters=["applications"]),
    "string for a list of roles": one("AWS::IAM::InstanceProfile", Roles="A"),
    "string for managed policies": role(ManagedPolicyArns="arn:aws:iam::aws:policy/ReadOnlyAccess"),
    "number for a policy document": role(AssumeRolePolicyDocument=1),
    "null for a string": named(None),
    "properties as a list": {"Resources": {"It": {"Type": "AWS::SNS::Topic", "Properties": []}}},
    "resource as a string": {"Resources": {"It": "AWS::SNS::Topic"}},
    "resources as a list": {"Resources": [{"Type": "AWS::SNS::Topic"}]},
}
