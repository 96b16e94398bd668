"""The managed policies of people: reviewers and operators of the fleet."""

from typing import Annotated

from aws_cdk import aws_iam as iam
from constructs import Construct

from oelab.constraints.tags import TAG_VALUE
from oelab.constructs.arguments import check_arguments
from oelab.constructs.policies import statements_of
from oelab.systems_manager.documents import INVENTORY_DOCUMENT


class FleetAccess(Construct):
    """Two managed policies, to attach to the roles that people sign in with.

    The reviewer's lets the review read and nothing else; of parameters it reads only the public
    ones. The operator's adds, for inventory associations that carry the tag `Owner`, to run them
    out of turn and to change them. It names the inventory document, because a person who may give
    an association another document controls its nodes as root.

    Sources: the service authorization reference of Systems Manager; "Restrict access to State
    Manager associations" in its user guide.

    Args:
        owner: the value of the tag `Owner` of the associations that the operator works with, up to
            256 letters, digits, spaces and _ . : / = + - @.

    Raises:
        FindingsError: an owner that no tag can have.
    """

    @check_arguments()
    def __init__(
        self, scope: Construct, construct_id: str, *, owner: Annotated[str, TAG_VALUE]
    ) -> None:
        super().__init__(scope, construct_id)
        self.reviewer = iam.ManagedPolicy(
            self,
            "Reviewer",
            description="Review the fleet: read inventory, associations and compliance",
            statements=statements_of("reviewer"),
        )
        """The reviewer's policy."""
        self.operator = iam.ManagedPolicy(
            self,
            "Operator",
            description="Run and change inventory associations, besides reviewing",
            statements=statements_of("operator", owner=owner, document=INVENTORY_DOCUMENT),
        )
        """The operator's policy, to be attached in addition to the reviewer's."""
