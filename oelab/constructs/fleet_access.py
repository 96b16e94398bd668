"""What people need who review the fleet, and who run its inventory."""

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from constructs import Construct

from oelab.constraints import tags as tag_rules
from oelab.constructs.validation import require
from oelab.systems_manager import permissions
from oelab.systems_manager.documents import INVENTORY_DOCUMENT


class FleetAccess(Construct):
    """Two managed policies, to attach to the roles that people sign in with.

    The reviewer's lets the review read and nothing else; of parameters it reads the public ones
    alone. The operator's adds, for inventory associations that carry the tag `Owner`, to run them
    out of turn and to change them. It names the inventory document, because whoever may give an
    association another document rules its nodes as root.

    Sources: the service authorization reference of Systems Manager; "Restrict access to State
    Manager associations" in its user guide.

    Args:
        owner: the value of the tag `Owner` of the associations that the operator works with.

    Raises:
        FindingsError: an owner that no tag can have.
    """

    def __init__(self, scope: Construct, construct_id: str, *, owner: str) -> None:
        super().__init__(scope, construct_id)
        require(tag_rules.tag_value("owner", owner))
        self.reviewer = iam.ManagedPolicy(
            self,
            "Reviewer",
            description="Review the fleet: read inventory, associations and compliance",
            statements=[
                iam.PolicyStatement(actions=list(permissions.REVIEWER), resources=["*"]),
                iam.PolicyStatement(
                    actions=list(permissions.REVIEWER_PARAMETERS),
                    resources=[f"arn:{cdk.Aws.PARTITION}:ssm:*::parameter/aws/service/*"],
                ),
            ],
        )
        """The reviewer's policy."""
        self.operator = iam.ManagedPolicy(
            self,
            "Operator",
            description="Run and change inventory associations, besides reviewing",
            statements=[
                iam.PolicyStatement(
                    actions=list(permissions.OPERATOR),
                    resources=[f"arn:{cdk.Aws.PARTITION}:ssm:*:{cdk.Aws.ACCOUNT_ID}:association/*"],
                    conditions={"StringEquals": {"aws:ResourceTag/Owner": owner}},
                ),
                iam.PolicyStatement(
                    actions=["ssm:UpdateAssociation"],
                    resources=[f"arn:{cdk.Aws.PARTITION}:ssm:*::document/{INVENTORY_DOCUMENT}"],
                ),
            ],
        )
        """The operator's policy, to be attached beside the reviewer's."""
