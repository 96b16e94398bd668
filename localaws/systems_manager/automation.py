"""What a run of the Automation runbook AWS-AttachIAMToInstance does to one instance.

Source: its page in the Systems Manager Automation runbook reference, for the steps; the actions,
resources and condition keys of Amazon EC2 and of IAM in the Service Authorization Reference, for
what its role must allow; "Setting up Automation" in the user guide, for the `aws:SourceArn` with
which it is assumed. Where an instance has a profile and `ForceReplace` is false, the run ends
there; the page names no other step for that case.
"""

from localaws.adapter import ec2, iam, scope
from localaws.errors import AwsError, not_modelled
from localaws.systems_manager.state import Association, Node

ASSUMING_SERVICE = "ssm.amazonaws.com"


def run(association: Association, node: Node, execution_id: str) -> str:
    """Run the association's runbook on the instance; why it has failed, or nothing."""
    arn = f"arn:aws:ssm:{scope.region()}:{scope.account_id()}:automation-execution/{execution_id}"
    parameters = {name: values[0] for name, values in association.settings["Parameters"].items()}
    execution_role = parameters["AutomationAssumeRole"].rpartition("/")[2]
    if not iam.is_trusted(execution_role, ASSUMING_SERVICE, arn):
        return "The defined assume role is unable to be assumed."
    try:
        _attach(
            execution_role,
            node,
            role_name=parameters["RoleName"],
            is_replacing=parameters.get("ForceReplace") != "false",
        )
    except AwsError as error:
        return f"An error occurred ({error.code}): {error.message}"
    return ""


def _attach(execution_role: str, node: Node, *, role_name: str, is_replacing: bool) -> None:
    account = scope.account_id()
    instance = f"arn:aws:ec2:{scope.region()}:{account}:instance/{node.node_id}"
    role = f"arn:aws:iam::{account}:role/{role_name}"
    tag_keys = {
        f"{prefix}:resourcetag/{key.lower()}": value
        for key, value in node.tags.items()
        for prefix in ("aws", "ec2")
    }
    _authorize(execution_role, "ec2:DescribeIamInstanceProfileAssociations", "*", {})
    attached = (node.instance.get("IamInstanceProfile") or {}).get("Arn")
    if attached and not is_replacing:
        return
    if attached:
        keys = {**tag_keys, "ec2:instanceprofile": attached}
        _authorize(execution_role, "ec2:DisassociateIamInstanceProfile", instance, keys)
        ec2.set_instance_profile(node.node_id, None)
    _authorize(execution_role, "iam:ListInstanceProfilesForRole", role, {})
    profile = iam.instance_profile_of(role_name)
    if profile is None:
        raise not_modelled(f"the steps that create an instance profile for {role_name}")
    keys = {**tag_keys, "ec2:newinstanceprofile": profile["Arn"]}
    _authorize(execution_role, "ec2:AssociateIamInstanceProfile", instance, keys)
    _authorize(execution_role, "iam:PassRole", role, {"iam:passedtoservice": "ec2.amazonaws.com"})
    ec2.set_instance_profile(
        node.node_id, {"Arn": profile["Arn"], "Id": profile["InstanceProfileId"]}
    )


def _authorize(role_name: str, action: str, resource: str, keys: dict[str, str]) -> None:
    if not iam.role_allows(role_name, action, resource, keys):
        raise AwsError(
            # Amazon EC2 has a code of its own for what others call AccessDenied.
            "UnauthorizedOperation" if action.startswith("ec2:") else "AccessDenied",
            f"User: arn:aws:sts::{scope.account_id()}:assumed-role/{role_name} is not authorized "
            f"to perform: {action} on resource: {resource}",
        )
