"""Reads what a role of the app allows, as far as its policies are in the app.

Limits: resources and conditions of statements do not count, so an allowed action is allowed
anywhere, and a denied one is denied only where the denial has no condition and covers every
resource. Organization policies are not looked at.
"""

from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from fnmatch import fnmatchcase

from oelab.checks.values import find_named
from oelab.systems_manager import permissions
from oelab.systems_manager.tristate import Answer, all_of, any_of
from oelab.template.expression import Expression, Resource

ROLE = "AWS::IAM::Role"
MANAGED_POLICY = "AWS::IAM::ManagedPolicy"

# How alike names are of which one is a slip of the other, from 0 to 1.
_CLOSE = 0.85
# The policies that name their roles, and where.
_ATTACHED = {
    "AWS::IAM::Policy": "Roles",
    MANAGED_POLICY: "Roles",
    "AWS::IAM::RolePolicy": "RoleName",
}


def role_of_profile(profile: Expression | None) -> Resource | None:
    """The role of an instance profile, where both are in the app."""
    kind, name = "AWS::IAM::InstanceProfile", "InstanceProfileName"
    found = find_named(profile, kind, name) if profile else None
    roles = found.all("Roles") if found else []
    return find_named(roles[0], ROLE, "RoleName") if roles else None


def role_of_attachment(association: Resource) -> Resource | None:
    """The role whose profile an association attaches to instances, where the app defines it."""
    names = association.all("Parameters", "RoleName")
    return find_named(names[0], ROLE, "RoleName") if names else None


def trusts_ec2(role: Resource) -> Answer:
    """Whether EC2 may give the role to an instance."""
    return any_of(map(_lets_ec2_in, role.all("AssumeRolePolicyDocument", "Statement")))


def missing_actions(role: Resource, needed: Sequence[str]) -> tuple[list[str], bool]:
    """Which actions nothing in the app allows the role, and whether that is certain.

    It is not where the role has a policy of unknown content.
    """
    own: list[Expression | Resource] = [*_attached(role), *role.all("Policies")]
    limits = [_Policies(role.all("ManagedPolicyArns"), own)]
    if boundary := role.all("PermissionsBoundary"):
        limits.append(_Policies(boundary))
    answers = {action: all_of(each.allow(action) for each in limits) for action in needed}
    refused = [action for action, answer in answers.items() if answer is False]
    return refused, None not in answers.values()


def misspelt_policies(role: Resource) -> Iterator[tuple[str, str]]:
    """The AWS managed policies of a role that do not exist, and the one that is meant by each."""
    arns = [*role.all("ManagedPolicyArns"), *role.all("PermissionsBoundary")]
    known = permissions.AWS_POLICIES
    sufficient = {
        policy.rpartition("/")[2]: policy
        for policy in known
        if all(_allowed_by_aws(policy, action) for action in permissions.MANAGED_NODE)
    }
    for name in filter(None, map(_name_at_aws, arns)):
        near = get_close_matches(name.rpartition("/")[2], sufficient, n=1, cutoff=_CLOSE)
        if near and name not in known:
            yield name, sufficient[near[0]]


def _name_at_aws(arn: Expression) -> str:
    """The name of an AWS managed policy, with its path; "" for another policy."""
    return (arn.text() or "").partition(":iam::aws:policy/")[2]


class _Policies:
    """Policies that are named by their ARNs, and others of the app."""

    def __init__(
        self, arns: Sequence[Expression], others: Sequence[Expression | Resource] = ()
    ) -> None:
        named = [(_name_at_aws(arn), arn.resource(MANAGED_POLICY)) for arn in arns]
        # The names of AWS's own, "" for any other from elsewhere.
        self._names = {name for name, policy in named if not policy}
        in_app = [policy for _, policy in named if policy]
        statements = [s for policy in (*in_app, *others) for s in statements_of(policy)]
        self._denials = [s for s in statements if s.text_of("Effect") == "Deny"]
        self._allowances = [s for s in statements if s not in self._denials]

    def allow(self, action: str) -> Answer:
        """Whether they allow an action."""
        if any(_denies_everywhere(statement, action) for statement in self._denials):
            return False
        by_aws = (_allowed_by_aws(name, action) for name in self._names)
        by_app = (names_action(statement, action) for statement in self._allowances)
        return any_of([*by_aws, *by_app])


def statements_of(holder: Expression | Resource) -> list[Expression]:
    """The statements of the policy document of a resource or an inline policy."""
    return holder.all("PolicyDocument", "Statement")


def _allowed_by_aws(name: str, action: str) -> Answer:
    allowed = permissions.AWS_POLICIES.get(name)
    return None if allowed is None else any(_is_named(action, pattern) for pattern in allowed)


def _denies_everywhere(statement: Expression, action: str) -> bool:
    resources = [resource.text() for resource in statement.all("Resource")]
    everywhere = "*" in resources and statement.get("Condition") is None
    return everywhere and names_action(statement, action) is True


def names_action(statement: Expression, action: str) -> Answer:
    """Whether a statement is about an action."""
    if statement.function:
        return None
    if statement.get("NotAction"):
        excepted = any_of(_matches(p, action) for p in statement.all("NotAction"))
        return None if excepted is None else not excepted
    return any_of(_matches(pattern, action) for pattern in statement.all("Action"))


def _matches(pattern: Expression, action: str) -> Answer:
    text = pattern.text()
    return None if text is None else _is_named(action.casefold(), text.casefold())


def _is_named(action: str, pattern: str) -> bool:
    # Most patterns name one action; to compile them all would take longer than all other checks.
    has_wildcard = "*" in pattern or "?" in pattern
    return fnmatchcase(action, pattern) if has_wildcard else pattern == action


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
