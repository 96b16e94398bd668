"""What a role of the app allows, as far as its policies are in the app.

Limits: resources and conditions of statements do not count, so an allowed action is allowed
anywhere, and a denied one is denied only where the denial has no condition and covers every
resource. Permissions boundaries and organization policies are not looked at.
"""

from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase

from oelab.checks.values import find_named
from oelab.systems_manager import permissions
from oelab.systems_manager.tristate import Answer, any_of
from oelab.template.expression import Expression, Resource

ROLE = "AWS::IAM::Role"
MANAGED_POLICY = "AWS::IAM::ManagedPolicy"

# The policies that name their roles, and where.
_ATTACHED = {
    "AWS::IAM::Policy": "Roles",
    MANAGED_POLICY: "Roles",
    "AWS::IAM::RolePolicy": "RoleName",
}


def role_of_profile(profile: Expression) -> Resource | None:
    """The role of an instance profile, where both are in the app."""
    found = find_named(profile, "AWS::IAM::InstanceProfile", "InstanceProfileName")
    roles = found.all("Roles") if found else []
    return find_named(roles[0], ROLE, "RoleName") if roles else None


def role_of_attachment(association: Resource) -> Resource | None:
    """The role whose profile an association attaches to instances, where the app defines it."""
    parameters = association.get("Parameters")
    names = parameters.all("RoleName") if parameters else []
    return find_named(names[0], ROLE, "RoleName") if names else None


def trusts_ec2(role: Resource) -> Answer:
    """Whether EC2 may give the role to an instance."""
    document = role.get("AssumeRolePolicyDocument")
    statements = document.all("Statement") if document else []
    return any_of(_lets_ec2_in(statement) for statement in statements)


def missing_actions(role: Resource, needed: Sequence[str]) -> tuple[list[str], bool]:
    """Which actions nothing in the app allows the role, and whether that is certain.

    It is not where the role has a policy of unknown content.
    """
    statements, attached = _policies(role)
    if attached & permissions.SUFFICIENT_POLICIES:
        allowed_by_aws: Answer = True
    else:
        allowed_by_aws = False if attached <= permissions.INSUFFICIENT_POLICIES else None
    answers = {action: _is_allowed(statements, action, allowed_by_aws) for action in needed}
    refused = [action for action, answer in answers.items() if answer is False]
    return refused, None not in answers.values()


def _is_allowed(statements: list[Expression], action: str, allowed_by_aws: Answer) -> Answer:
    denials = [s for s in statements if s.text_of("Effect") == "Deny"]
    if any(_denies_everywhere(statement, action) for statement in denials):
        return False
    allowances = [s for s in statements if s not in denials]
    return any_of([allowed_by_aws, *(_names(s, action) for s in allowances)])


def _denies_everywhere(statement: Expression, action: str) -> bool:
    resources = [resource.text() for resource in statement.all("Resource")]
    everywhere = "*" in resources and statement.get("Condition") is None
    return everywhere and _names(statement, action) is True


def _names(statement: Expression, action: str) -> Answer:
    """Whether a statement is about an action."""
    if statement.function:
        return None
    if statement.get("NotAction"):
        excepted = any_of(_matches(p, action) for p in statement.all("NotAction"))
        return None if excepted is None else not excepted
    return any_of(_matches(pattern, action) for pattern in statement.all("Action"))


def _matches(pattern: Expression, action: str) -> Answer:
    text = pattern.text()
    return None if text is None else fnmatchcase(action.casefold(), text.casefold())


def _policies(role: Resource) -> tuple[list[Expression], set[str]]:
    """The statements of a role's policies, and the names of the policies from elsewhere."""
    arns = [(arn.text(), arn.resource(MANAGED_POLICY)) for arn in role.all("ManagedPolicyArns")]
    from_elsewhere = {(arn or "?").rpartition("/")[2] for arn, policy in arns if not policy}
    policies = [*(policy for _, policy in arns if policy), *_attached(role)]
    holders = [*role.all("Policies"), *(policy.properties for policy in policies)]
    documents = (holder.get("PolicyDocument") for holder in holders)
    statements = [s for document in documents if document for s in document.all("Statement")]
    return statements, from_elsewhere


def _attached(role: Resource) -> Iterator[Resource]:
    """The policies that name the role, rather than being named by it."""
    for policy_type, key in _ATTACHED.items():
        for policy in role.stack.app.of_type(policy_type):
            if any(find_named(name, ROLE, "RoleName") == role for name in policy.all(key)):
                yield policy


def _lets_ec2_in(statement: Expression) -> Answer:
    if statement.function:
        return None
    principal = statement.get("Principal")
    if statement.text_of("Effect") != "Allow" or principal is None:
        return False
    if principal.text() == "*":
        return True
    names = [service.text() for service in principal.all("Service")]
    return any_of(
        None if name is None else name.startswith(permissions.EC2_PRINCIPALS) for name in names
    )
