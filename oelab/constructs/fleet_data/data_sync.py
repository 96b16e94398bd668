"""The data sync that writes inventory of an account and Region into a bucket."""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_ssm as ssm
from constructs import Construct

from oelab.constraints import fleet_data as accepted
from oelab.constraints.ec2 import REGION_NAME
from oelab.constraints.kinds import OrBlank
from oelab.constraints.s3 import BUCKET_NAME
from oelab.constructs.arguments import check_arguments
from oelab.constructs.buckets import bucket_of, private_bucket
from oelab.constructs.policies import statements_of
from oelab.constructs.references import Bucket
from oelab.findings import Finding
from oelab.systems_manager import data_sync

_SSE = "s3:x-amz-server-side-encryption"


def _no_accounts_of_organization(
    *, accounts: Sequence[str], organization_id: str | None, **_: object
) -> Iterator[Finding]:
    return accepted.listed("accounts", accounts, is_organization=bool(organization_id))


class InventoryDataSync(Construct):
    """Writes the inventory of all managed nodes of its account and Region into a bucket, as JSON.

    Every Region of every account needs a sync of its own; all may write into one bucket.

    A bucket that is made here is private, versioned and encrypted, takes TLS only, and is kept when
    its stack is deleted. Noncurrent versions expire after a day; current objects never do, as the
    object of a node that does not change is not known to be written again.

    The policies of the bucket and of the key let Systems Manager write for the syncs of the given
    accounts or organization only, and each account only into its own folder; in an organization,
    any member could write into the folder of another one. Policies of a bucket or key that is
    imported, or of a bucket that is an L1, cannot be changed from here: add `bucket_statements` and
    `key_statements` to them.

    Nothing of a sync can be changed, and its name identifies it. So the name ends in a hash of what
    the sync is, and any change of that replaces it; the new one is there before the old one goes.
    An account takes 5 syncs in a Region.

    Args:
        bucket: an existing bucket without Object Lock, or its name: 3 to 63 lower-case letters,
            digits, hyphens and single dots, a letter or a digit at either end; one is made where
            unset.
        bucket_name: of the bucket that is made, where others must know it; CloudFormation chooses
            one where unset. Not used with `bucket`.
        bucket_region: of an existing bucket in another Region.
        prefix: 1 to 256 letters, digits and ! _ . ' ( ) - with single slashes between; the top of
            the bucket where unset.
        encryption_key: a key in the bucket's Region, or its ARN; S3's own encryption where unset.
        accounts: 1 to 20 accounts whose syncs may write; the stack's own where unset.
        organization_id: all accounts of this organization may write, instead of `accounts`.
        name: the start of the sync's name, 1 to 47 letters, digits and _ . -

    Raises:
        FindingsError: what Systems Manager, S3 or KMS would refuse. Sources: the registry schema of
            AWS::SSM::ResourceDataSync, and "Creating a resource data sync for Inventory" in the
            Systems Manager user guide.
    """

    @check_arguments(_no_accounts_of_organization)
    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        bucket: Bucket | None = None,
        bucket_name: Annotated[str, BUCKET_NAME] | None = None,
        bucket_region: Annotated[str, REGION_NAME] | None = None,
        prefix: Annotated[str, accepted.SYNC_PREFIX] | None = None,
        encryption_key: Annotated[str, accepted.KEY_ARN] | kms.IKey | None = None,
        accounts: Annotated[Sequence[str], OrBlank(accepted.SYNC_ACCOUNTS)] = (),
        organization_id: Annotated[str, accepted.ORGANIZATION_ID] | None = None,
        name: Annotated[str, accepted.SYNC_NAME] = "oelab-inventory",
    ) -> None:
        super().__init__(scope, construct_id)
        self.prefix = prefix
        """Where in the bucket."""
        self.accounts = () if organization_id else tuple(accounts) or (cdk.Aws.ACCOUNT_ID,)
        """The accounts that may write; none are known of an organization."""
        self.encryption_key = (
            kms.Key.from_key_arn(self, "Key", encryption_key)
            if isinstance(encryption_key, str)
            else encryption_key
        )
        """The key of your own, where there is one."""
        self.bucket = bucket_of(self, "Bucket", bucket) or private_bucket(
            self,
            "Bucket",
            "ExpireNoncurrent",
            name=bucket_name,
            encryption_key=self.encryption_key,
        )
        """The bucket."""
        # By the account in the objects' keys.
        self._sources = {
            account: _for_syncs_of(account, organization_id) for account in self.accounts or ("*",)
        }
        source = _merged([*self._sources.values()])
        self.bucket_statements = (
            *statements_of("sync_bucket", bucket=self.bucket.bucket_arn, source=source),
            *self._object_statements(),
        )
        """What the policy of the bucket must have."""
        self.key_statements = (
            statements_of("sync_key", source=source) if self.encryption_key else []
        )
        """What the policy of the key must have."""
        self.sync = self._define_sync(name, bucket_region)
        """The sync."""
        for statement in self.bucket_statements:
            self.bucket.add_to_resource_policy(statement)
        for statement in self.key_statements:
            assert self.encryption_key
            self.encryption_key.add_to_resource_policy(statement)
        if self.bucket.policy:
            # A new sync tries the bucket at once.
            self.sync.node.add_dependency(self.bucket.policy)

    def _object_statements(self) -> Iterator[iam.PolicyStatement]:
        headers = {"s3:x-amz-acl": "bucket-owner-full-control"}
        if self.encryption_key:
            headers |= {_SSE: "aws:kms", f"{_SSE}-aws-kms-key-id": self.encryption_key.key_arn}
        for account, source in self._sources.items():
            folder = data_sync.folder(self.prefix, account=account)
            objects = self.bucket.arn_for_objects(f"{folder}/*")
            writing = {**source, "StringEquals": {**source["StringEquals"], **headers}}
            yield from statements_of("sync_objects", objects=objects, source=writing)
            if not self.accounts:
                # Syncs of an organization tag what they write; those of accounts do not.
                yield from statements_of("sync_tags", objects=objects, source=source)

    def _define_sync(self, name: str, bucket_region: str | None) -> ssm.CfnResourceDataSync:
        destination: dict[str, Any] = {
            "bucket_name": self.bucket.bucket_name,
            "bucket_region": bucket_region or cdk.Aws.REGION,
            "bucket_prefix": self.prefix,
            "kms_key_arn": self.encryption_key.key_arn if self.encryption_key else None,
            "sync_format": data_sync.FORMAT,
        }
        # A bucket may be replaced under its logical id, by another name that is given to it.
        bucket = self.bucket.node.default_child
        given_name = bucket.bucket_name if isinstance(bucket, s3.CfnBucket) else None
        content = [cdk.Names.unique_id(self), given_name, destination]
        resolved = json.dumps(cdk.Stack.of(self).resolve(content), sort_keys=True)
        digest = hashlib.sha256(resolved.encode()).hexdigest()[:16]
        return ssm.CfnResourceDataSync(
            self,
            "Default",
            sync_name=f"{name}-{digest}",
            s3_destination=ssm.CfnResourceDataSync.S3DestinationProperty(**destination),
        )


_Conditions = Mapping[str, Mapping[str, Any]]


def _for_syncs_of(account: str, organization_id: str | None) -> _Conditions:
    """For whose syncs Systems Manager may act: an account (`*` for any), or an organization.

    Without them it could be made to act for anyone ("the confused deputy problem" in the IAM user
    guide).
    """
    owner = "aws:SourceOrgID" if organization_id else "aws:SourceAccount"
    arn = f"arn:{cdk.Aws.PARTITION}:ssm:*:{account}:resource-data-sync/*"
    return {"StringEquals": {owner: organization_id or account}, "ArnLike": {"aws:SourceArn": arn}}


def _merged(sources: Sequence[_Conditions]) -> _Conditions:
    """The conditions that hold for any of the sources, which are about the same keys."""
    return {
        operator: {key: [each[operator][key] for each in sources] for key in keys}
        for operator, keys in sources[0].items()
    }
