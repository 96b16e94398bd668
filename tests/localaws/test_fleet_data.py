"""From an association to an answer: inventory, a sync, its objects, and Athena over them."""

from tests.localaws.lab import Lab, node, ref, resource, tags, template
from tests.localaws.test_athena import answer, bucket_of, table, view, workgroup
from tests.localaws.test_data_sync import policy, sync

RELEASES = """
    SELECT s.name, s.release, count(DISTINCT s.resourceid) AS nodes
    FROM software s WHERE s.name = ? GROUP BY 1, 2 ORDER BY 3 DESC, 2
"""
SOFTWARE = """
    SELECT a.name, a.release, a.resourceid FROM aws_application a
    JOIN aws_instanceinformation i ON i.resourceid = a.resourceid
    WHERE i.instancestatus <> 'Terminated' AND i."$path" NOT LIKE '%/test.json'
"""


def test_what_nodes_have_is_what_athena_answers(lab: Lab) -> None:
    bucket = bucket_of(lab)
    information = table(lab, "aws_instanceinformation", columns=("resourceid", "instancestatus"))
    storage = information["Properties"]["TableInput"]["StorageDescriptor"]
    storage["Location"] = f"s3://{bucket}/AWS:InstanceInformation/"
    database = resource(
        "AWS::Glue::Database", CatalogId=ref("AWS::AccountId"), DatabaseInput={"Name": "inventory"}
    )
    prod = tags(Environment="OELabIPM", Workload="Prod")
    document = template(
        One=node(Tags=tags(Environment="OELabIPM", Workload="Test")),
        Two=node(Tags=prod),
        Gone=node(Tags=prod),
        Database=database,
        Applications=table(lab, columns=("name", "release", "resourceid")),
        Information=information,
        Software=view("software", SOFTWARE, "name", "release", "resourceid"),
        Fleet=workgroup(lab),
        Bucket=resource("AWS::S3::Bucket", BucketName=bucket),
        Policy=resource(
            "AWS::S3::BucketPolicy", Bucket=ref("Bucket"), PolicyDocument=policy(lab, bucket)
        ),
    )
    assert lab.deploy(document) == "CREATE_COMPLETE", lab.failures()
    sync(lab, bucket)
    lab.settle()
    lab.associate()
    lab.settle()
    lab.ec2.terminate_instances(InstanceIds=[lab.physical_id("Gone")])
    lab.settle()
    releases = {
        logical_id: next(
            each["Release"]
            for each in lab.entries(lab.physical_id(logical_id), "AWS:Application")
            if each["Name"] == "openssl"
        )
        for logical_id in ("One", "Two")
    }
    expected = [("openssl", release, "1") for release in sorted(releases.values())]
    assert len(set(releases.values())) == 2
    assert answer(lab, RELEASES, "'openssl'") == expected
