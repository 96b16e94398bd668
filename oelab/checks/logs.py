"""Whether the output of associations reaches its bucket.

The agent writes it with the rights of its node's role. Sources: "Create associations", Systems
Manager User Guide; the agent's own calls, as `permissions` names them.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from oelab.checks import roles
from oelab.checks.associations import AssociationDefinition, TargetedNode
from oelab.checks.network import Networks
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


@dataclass(frozen=True, eq=False)
class _Logs:
    """Where the output of an association goes, and the statements of the bucket's policies."""

    association: Resource
    name: Expression
    bucket: Resource | None
    statements: list[Expression]


def findings(
    app: App,
    associations: list[AssociationDefinition],
    networks: Networks,
    targeted: list[TargetedNode],
) -> Iterator[Finding]:
    """What keeps the output of associations from its bucket, once for each role."""
    logs = {each: to for each in associations if (to := _logs_of(each.resource, app))}
    found = [finding for each in logs.values() for finding in (*_region(each), *_denial(each))]
    writers: dict[tuple[_Logs, Resource], TargetedNode] = {}
    for one in targeted:
        if to := logs.get(one.association):
            profile = one.node.launch.profile
            if profile and (role := roles.role_of_profile(profile)):
                writers.setdefault((to, role), one)
            answers = {reach_s3(network) for _, network in networks[one.node]}
            if answers != {True}:
                value = to.name.text() or str(to.bucket)
                found.append(one.lacks("LogRoute", value, certainty(False in answers)))
    for (to, role), one in writers.items():
        found += [*_denial(to, role), *_permissions(to, role, one)]
    yield from dict.fromkeys(found)


def _logs_of(association: Resource, app: App) -> _Logs | None:
    name = association.properties.at(*_LOCATION, "OutputS3BucketName")
    if name is None:
        return None
    bucket = find_named(name, _BUCKET, "BucketName")
    statements = _statements_about(bucket, app) if bucket else []
    return _Logs(association, name, bucket, statements)


def _region(to: _Logs) -> Iterator[Finding]:
    given = to.association.text_of(*_LOCATION, "OutputS3Region")
    region = to.bucket.stack.environment.region if to.bucket else None
    if given and region and given != region:
        yield violation("LogRegion", to.association, given, bucket=to.bucket, region=region)


def _denial(to: _Logs, role: Resource | None = None) -> Iterator[Finding]:
    if to.bucket and any(_denies(statement, role) for statement in to.statements):
        yield violation("LogDenied", to.bucket, f"Deny {_PUT}", association=to.association)


def _permissions(to: _Logs, role: Resource, one: TargetedNode) -> Iterator[Finding]:
    """What the role lacks, where the policies of the bucket and its key do not allow it either."""
    needs = [(_PUT, to.bucket or "the bucket", to.statements)]
    if to.bucket and (key := _key(to.bucket)):
        needs.append((OF_NODES["log_key"][0], key, key.all("KeyPolicy", "Statement")))
    for action, target, own in needs:
        missing, is_certain = roles.missing_actions(role, [action])
        if (missing or not is_certain) and not any(_may_allow(each, action) for each in own):
            severity = certainty(bool(missing))
            yield one.violates("LogPermission", role, action, severity, target=target)


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


def _denies(statement: Expression, role: Resource | None) -> bool:
    """Whether a statement certainly keeps everyone, or this role, from writing any object."""
    is_about = any(
        each.text() == "*" or (role and each.resource(roles.ROLE) == role)
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
