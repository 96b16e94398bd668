"""Values that a pattern, a format or a list of choices forbids."""

from tests.template.corpus.build import association, bucket, instance, one, role

CASES = {
    "bucket name with capitals": bucket(BucketName="My_Bucket"),
    "bucket name as an address": bucket(BucketName="-bucket"),
    "association name with a space": association(AssociationName="with space"),
    "association's rate control": association(MaxConcurrency="some"),
    "association's error limit": association(MaxErrors="101%"),
    "association's severity": association(ComplianceSeverity="Grave"),
    "association's sync": association(SyncCompliance="NEVER"),
    "instance id of an association": association(InstanceId="web-1"),
    "document name": association(Name="a document!"),
    "image id": instance(ImageId="al2023"),
    "subnet id": instance(SubnetId="public"),
    "security group id": instance(SecurityGroupIds=["web"]),
    "instance type": instance(InstanceType="t3.enormous"),
    "metadata tokens": instance(MetadataOptions={"HttpTokens": "always"}),
    "volume type": instance(
        BlockDeviceMappings=[{"DeviceName": "/dev/xvda", "Ebs": {"VolumeType": "fast"}}]
    ),
    "address range": one("AWS::EC2::VPC", CidrBlock="10.0.0.0"),
    "address range beyond 255": one("AWS::EC2::VPC", CidrBlock="10.0.300.0/16"),
    "tenancy": one("AWS::EC2::VPC", CidrBlock="10.0.0.0/16", InstanceTenancy="shared"),
    "role name": role(RoleName="a role"),
    "role path": role(Path="people"),
    "managed policy's ARN": role(ManagedPolicyArns=["AmazonSSMManagedInstanceCore"]),
    "effect of a trust": role(
        AssumeRolePolicyDocument={
            "Version": "2012-10-17",
            "Statement": [{"Effect": "Permit", "Principal": "*", "Action": "sts:AssumeRole"}],
        }
    ),
    "version of a policy": role(
        AssumeRolePolicyDocument={"Version": "2024-01-01", "Statement": []}
    ),
    "schedule": one("AWS::Events::Rule", ScheduleExpression="every day"),
    "runtime": one(
        "AWS::Lambda::Function",
        Code={"ZipFile": "pass"},
        Handler="index.handler",
        Role="arn:aws:iam::123456789012:role/It",
        Runtime="python1.0",
    ),
    "log group name": one("AWS::Logs::LogGroup", LogGroupName="a b"),
    "log retention": one("AWS::Logs::LogGroup", RetentionInDays=2),
}
