"""Where associations write their output."""

from collections.abc import Iterator, Sequence
from typing import Annotated

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from constructs import Construct

from oelab.constraints.ec2 import REGION_NAME
from oelab.constraints.s3 import EXPIRE_DAYS, KEY_PREFIX, region_of_new_bucket
from oelab.constructs.arguments import check_arguments
from oelab.constructs.buckets import bucket_of, private_bucket
from oelab.constructs.managed_instances_role import ManagedInstancesRole
from oelab.constructs.policies import statements_of
from oelab.constructs.references import Bucket
from oelab.findings import Finding


def _region(*, bucket: object, region: object, **_: object) -> Iterator[Finding]:
    return region_of_new_bucket("region", region) if bucket is None else iter(())


class InventoryLogs(Construct):
    """A bucket for the output of associations, and the nodes' permission to write there.

    The agent writes with the rights of the node's own role, to
    `prefix/instance-id/association-id/run-timestamp/…`.

    A bucket made here is encrypted by S3, reached over TLS only, closed to the public and
    versioned; output is deleted after `expire_days`, and the bucket is kept when its stack is
    deleted.

    Args:
        bucket: an existing bucket, or its name: 3 to 63 lower-case letters, digits, hyphens and
            single dots, a letter or a digit at either end; one is made where unset.
        prefix: 1 to 500 characters without * ? $, in folders separated by single slashes, without
            a dynamic reference; the top of the bucket where unset.
        region: of an existing bucket in another Region than the associations.
        expire_days: how many days a bucket made here keeps output, 1 or more.
        node_roles: the roles of the nodes, or the `ManagedInstancesRole` that brings one. They are
            allowed to write by a policy in this construct's own stack, so a role of another stack
            is best given by `Role.from_role_name`, which ties the stacks by name only. The customer
            key of a bucket that is given by its name or as an L1 is not known here: allow them
            kms:GenerateDataKey.

    Raises:
        FindingsError: a name, prefix or Region that State Manager or S3 would refuse; a Region for
            a bucket made here, which is in the Region of its stack.
    """

    @check_arguments(_region)
    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        bucket: Bucket | None = None,
        prefix: Annotated[str, KEY_PREFIX] | None = None,
        region: Annotated[str, REGION_NAME] | None = None,
        expire_days: Annotated[int, EXPIRE_DAYS] = 90,
        node_roles: Sequence[iam.IRole | ManagedInstancesRole] = (),
    ) -> None:
        super().__init__(scope, construct_id)
        self.bucket = bucket_of(self, "Bucket", bucket) or private_bucket(
            self, "Bucket", "ExpireOutput", expire_days=expire_days
        )
        """The bucket."""
        self.prefix = prefix
        """Where in the bucket."""
        self.node_access = self._grant(node_roles) if node_roles else None
        """The policy that lets nodes write, where their roles are given."""
        self.output_location = {
            "s3Location": {
                "outputS3BucketName": self.bucket.bucket_name,
                "outputS3KeyPrefix": prefix,
                "outputS3Region": region,
            }
        }
        """The place as an association takes it."""

    def _grant(self, node_roles: Sequence[iam.IRole | ManagedInstancesRole]) -> iam.Policy:
        objects = self.bucket.arn_for_objects(f"{self.prefix}/*" if self.prefix else "*")
        bucket = self.bucket
        statements = statements_of("node_logs", objects=objects, bucket=bucket.bucket_arn)
        if bucket.encryption_key:
            statements += statements_of("node_logs_key", key=bucket.encryption_key.key_arn)
        return iam.Policy(
            self,
            "NodeAccess",
            # A role is one for all Regions, and two policies of one name would be one policy.
            policy_name=f"{cdk.Names.unique_resource_name(self, max_length=64)}-{cdk.Aws.REGION}",
            roles=[
                each.role if isinstance(each, ManagedInstancesRole) else each for each in node_roles
            ],
            statements=statements,
        )
