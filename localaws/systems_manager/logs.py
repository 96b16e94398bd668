"""The log that a node writes to S3 where its association names an output location.

The node writes it with its own role: without `s3:PutObject` there is no object, and the run
succeeds all the same.
"""

from datetime import UTC, datetime

from localaws.adapter import iam, s3, scope
from localaws.systems_manager import documents
from localaws.systems_manager.state import Association, ExecutionTarget, Node


def write(association: Association, node: Node, target: ExecutionTarget) -> None:
    """Write the log of a run that has ended, as PREFIX/NODE/ASSOCIATION/TIME/STEP/stdout."""
    location = association.settings.get("OutputLocation", {}).get("S3Location", {})
    bucket = location.get("OutputS3BucketName")
    if not bucket:
        return
    plugin = documents.find(association.document).plugin
    ended = datetime.fromtimestamp(target.date, UTC)
    parts = (
        location.get("OutputS3KeyPrefix", "").strip("/"),
        node.node_id,
        association.association_id,
        f"{ended:%Y-%m-%dT%H-%M-%S}.{ended.microsecond // 1000:03}Z",
        plugin.replace(":", ""),
        "stdout",
    )
    key = "/".join(part for part in parts if part)
    region = location.get("OutputS3Region") or scope.region()
    target.output_url = f"https://s3.{region}.amazonaws.com/{bucket}/{key}"
    # A bucket of another account would also need a policy that lets the node in.
    is_own = s3.owner(bucket) == scope.account_id()
    if is_own and iam.role_allows(node.role_name, "s3:PutObject", f"arn:aws:s3:::{bucket}/{key}"):
        s3.put_object(bucket, key, f"{plugin}: {target.detailed_status}\n{target.summary}\n")
