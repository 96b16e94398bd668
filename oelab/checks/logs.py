"""Whether the output of associations reaches its bucket.

The agent writes it with the rights of its node's role. Sources: "Create associations", Systems
Manager User Guide; the agent's own calls, as `permissions` names them.
"""

import re
from collections.abc import Container, Iterator

from oelab.checks import roles
from oelab.checks.associations import AssociationDefinition, TargetedNode
from oelab.checks.rules import certainty, violation
from oelab.checks.values import find_named
from oelab.findings import Finding
from oelab.systems_manager.permissions import OF_NODES
from oelab.systems_manager.reachability import reach_s3
from oelab.template.app import App
from oelab.template.expression import Expression, Resource
from oelab.template.intrinsics import format_value

_BUCKET = "AWS::S3::Bucket"
_LOCATION = "OutputLocation", "S3Location"
_PUT = OF_NODES["log_objects"][0]
# The bucket is the only thing before the slash.
_ALL_OBJECTS = re.compile(r"\*|[^/]+/\*")


def findings(
    app: App, associations: list[AssociationDefinition], targeted: list[TargetedNode]
) -> Iterator[Finding]:
    """What keeps the output of associations from its bucket, once for each role."""
    for association in associations:
        name = association.resource.properties.at(*_LOCATION, "OutputS3BucketName")
        if name is None:
            continue
        bucket = find_named(name, _BUCKET, "BucketName")
        writers: dict[Resource, TargetedNode] = {}
        for one in (one for one in targeted if one.association is association):
            if role := roles.role_of_profile(one.node.launch.profile):
                writers.setdefault(role, one)
            answers = {reach_s3(network) for _, network in one.networks}
            if answers != {True}:
                value = name.text() or str(bucket)
                yield one.finding("LogRoute", value, is_certain=False in answers)
        statements = _statements_about(bucket, app) if bucket else []
        if bucket:
            yield from _region(association.resource, bucket)
            if any(_denies(statement, writers) for statement in statements):
                yield violation(
                    "LogDenied", bucket, f"Deny {_PUT}", association=association.resource
                )
        for role, one in writers.items():
            yield from _permissions(role, one, bucket, statements)


def _region(association: Resource, bucket: Resource) -> Iterator[Finding]:
    given = association.text_of(*_LOCATION, "OutputS3Region")
    region = bucket.stack.environment.region
    if given and region and given != region:
        yield violation("LogRegion", association, given, bucket=bucket, region=region)


def _permissions(
    role: Resource, one: TargetedNode, bucket: Resource | None, statements: list[Expression]
) -> Iterator[Finding]:
    """What the role lacks, where the policies of the bucket and its key do not allow it either."""
    needs = [(_PUT, bucket or "the bucket", statements)]
    if bucket and (key := _key(bucket)):
        needs.append((OF_NODES["log_key"][0], key, key.all("KeyPolicy", "Statement")))
    for action, target, own in needs:
        missing, is_certain = roles.missing_actions(role, [action])
        if (missing or not is_certain) and not any(_may_allow(each, action) for each in own):
            severity, words = certainty(bool(missing)), {"target": target, **one.words}
            yield violation("LogPermission", role, action, severity=severity, **words)


def _statements_about(bucket: Resource, app: App) -> list[Expression]:
    """The statements of a bucket's policies."""
    return [
        statement
        for policy in app.of_type("AWS::S3::BucketPolicy")
        if (name := policy.get("Bucket")) and find_named(name, _BUCKET, "BucketName") == bucket
        for statement in roles.statements_of(policy)
    ]


def _key(bucket: Resource) -> Resource | None:
    """The customer key of the app that encrypts a bucket."""
    for rule in bucket.all("BucketEncryption", "ServerSideEncryptionConfiguration"):
        if key := rule.at("ServerSideEncryptionByDefault", "KMSMasterKeyID"):
            return key.resource("AWS::KMS::Key")
    return None


def _denies(statement: Expression, writers: Container[Resource | None]) -> bool:
    """Whether a statement certainly keeps everyone, or one of these roles, from any object."""
    is_about = any(
        each.text() == "*" or each.resource(roles.ROLE) in writers
        for each in _principals(statement)
    )
    objects = [format_value(each.evaluate()) for each in statement.all("Resource")]
    return (
        is_about
        and statement.text_of("Effect") == "Deny"
        and not statement.get("Condition")
        and any(map(_ALL_OBJECTS.fullmatch, objects))
        and roles.names_action(statement, _PUT) is True
    )


def _may_allow(statement: Expression, action: str) -> bool:
    """Whether a resource's own policy may allow an action to roles, not only leave it to IAM."""
    principals = [principal.text() or "" for principal in _principals(statement)]
    is_for_roles = any(not principal.endswith(":root") for principal in principals)
    is_allowance = statement.text_of("Effect") == "Allow"
    return is_allowance and is_for_roles and roles.names_action(statement, action) is not False


def _principals(statement: Expression) -> list[Expression]:
    """The principals of a statement other than services; `*` stands for all."""
    principal = statement.get("Principal")
    if principal is None:
        return []
    return [principal] if principal.text() == "*" else principal.all("AWS")
