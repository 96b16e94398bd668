"""Whether the output of associations reaches its bucket.

The agent writes it with the rights of its node's role. Sources: "Create associations", Systems
Manager User Guide; the agent's own calls, as `permissions` names them.
"""

from collections.abc import Iterator

from oelab.checks import roles
from oelab.checks.associations import TargetedNode
from oelab.checks.network import Networks
from oelab.checks.rules import certainty, violation
from oelab.checks.values import find_named
from oelab.findings import Finding
from oelab.systems_manager.permissions import NODE_LOG_KEY, NODE_LOG_OBJECTS
from oelab.systems_manager.reachability import reach_s3
from oelab.template.app import App
from oelab.template.expression import Expression, Resource

_BUCKET = "AWS::S3::Bucket"
_PUT = NODE_LOG_OBJECTS[0]


def findings(app: App, networks: Networks, targeted: list[TargetedNode]) -> Iterator[Finding]:
    """What keeps the output of nodes from its bucket, once for each association and role."""
    seen: set[object] = set()
    for one in targeted:
        association, profile = one.association.resource, one.node.launch.profile
        location = association.properties.at("OutputLocation", "S3Location")
        name = location.get("OutputS3BucketName") if location else None
        if location is None or name is None:
            continue
        bucket = find_named(name, _BUCKET, "BucketName")
        statements = _statements_about(bucket, app) if bucket else []
        if association not in seen and bucket:
            region = bucket.stack.environment.region
            given = location.text_of("OutputS3Region")
            if given and region and given != region:
                yield violation("LogRegion", association, given, bucket=bucket, region=region)
            if any(map(_denies_everyone, statements)):
                yield violation("LogDenied", bucket, f"Deny {_PUT}", association=association)
        role = roles.role_of_profile(profile) if profile else None
        if role and (association, role) not in seen:
            yield from _permissions(role, one, bucket, statements)
        seen |= {association, (association, role)}
        answers = {reach_s3(network) for _, network in networks.networks_of(one.node)}
        if answers != {True}:
            yield one.lacks("LogRoute", name.text() or str(bucket), certainty(False in answers))


def _permissions(
    role: Resource, one: TargetedNode, bucket: Resource | None, statements: list[Expression]
) -> Iterator[Finding]:
    """What the role lacks, where the policies of the bucket and its key do not allow it either."""
    needs = [(_PUT, bucket or "the bucket", statements)]
    if bucket and (key := _key(bucket)):
        policy = key.get("KeyPolicy")
        needs.append((NODE_LOG_KEY[0], key, policy.all("Statement") if policy else []))
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
        for statement in roles.statements_of(policy.properties)
    ]


def _key(bucket: Resource) -> Resource | None:
    """The customer key of the app that encrypts a bucket."""
    encryption = bucket.get("BucketEncryption")
    for rule in encryption.all("ServerSideEncryptionConfiguration") if encryption else ():
        if key := rule.at("ServerSideEncryptionByDefault", "KMSMasterKeyID"):
            return key.resource("AWS::KMS::Key")
    return None


def _denies_everyone(statement: Expression) -> bool:
    is_for_all = "*" in [principal.text() for principal in _principals(statement)]
    is_denial = statement.text_of("Effect") == "Deny" and not statement.get("Condition")
    return is_denial and is_for_all and roles.names_action(statement, _PUT) is True


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
