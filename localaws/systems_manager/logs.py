"""The log that a node writes to S3 where its association names an output location.

The node writes it with its own role: without `s3:PutObject` there is no object, and the run
succeeds all the same.
"""

from datetime import UTC, datetime

from localaws.adapter import iam, s3, scope
from localaws.systems_manager import documents
from localaws.systems_manager.state import Association, Node, Outcome, Upload


def location(association: Association) -> dict[str, str]:
    output = association.settings.get("OutputLocation") or {}
    found: dict[str, str] = output.get("S3Location") or {}
    return found if found.get("OutputS3BucketName") else {}


def key(association: Association, node: Node, moment: float, plugin: str) -> str:
    """prefix/instance-id/association-id/run-timestamp/... as the agent lays it out."""
    prefix = location(association).get("OutputS3KeyPrefix", "").strip("/")
    stamp = datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H-%M-%S.%f")[:-3] + "Z"
    step = plugin.replace(":", "").replace(".", "")
    parts = (prefix, node.instance_id, association.association_id, stamp, step, "stdout")
    return "/".join(part for part in parts if part)


def output_url(association: Association, node: Node, moment: float) -> str:
    place = location(association)
    if not place:
        return ""
    region = place.get("OutputS3Region") or scope.region()
    plugin = documents.find(association.document).plugin
    path = key(association, node, moment, plugin)
    return f"https://s3.{region}.amazonaws.com/{place['OutputS3BucketName']}/{path}"


def upload(association: Association, node: Node, outcome: Outcome) -> Upload | None:
    place = location(association)
    if not place:
        return None
    bucket = place["OutputS3BucketName"]
    plugin = documents.find(association.document).plugin
    path = key(association, node, outcome.date, plugin)
    allowed = iam.role_allows(node.role_name, "s3:PutObject", f"arn:aws:s3:::{bucket}/{path}")
    if not allowed or not s3.bucket_exists(bucket):
        return None
    text = f"{plugin}: {outcome.detailed_status}\n{outcome.summary}\n"
    return Upload(scope.account_id(), scope.region(), bucket, path, text.encode())
