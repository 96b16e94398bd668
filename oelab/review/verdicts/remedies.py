"""What to do about each finding on a node."""

from oelab.findings import Finding, Rule

Observation = tuple[Rule, str]
"""A rule that a node breaks, and what shows it."""

REMEDIES = {
    Rule.NOT_LAUNCHED: (
        "Deploy the workload's stack, or name its Region with --region; where it is deployed and "
        "the instance was terminated since, deploy it with --revert-drift. CloudFormation's events "
        "say why a launch failed."
    ),
    Rule.STOPPED: "Start the instance; it reports again within minutes, and inventory follows.",
    Rule.NO_PROFILE: (
        "Attach the instance profile of the settings, or deploy the stack with --revert-drift."
    ),
    Rule.NO_PERMISSION: (
        "Give the role AmazonSSMManagedInstanceCore or the restricted permissions, by deploying "
        "the foundation stack."
    ),
    Rule.NO_WAY_OUT: (
        "Open port 443 to Systems Manager: an egress rule and a route to the internet, or the "
        "interface endpoints ssm and ssmmessages."
    ),
    Rule.NOT_REGISTERED: (
        "Wait some minutes after the launch; then check that the image brings the SSM Agent and "
        "that it runs."
    ),
    Rule.CONNECTION_LOST: (
        "Check that the SSM Agent runs and that the instance is not overloaded; a reboot restarts "
        "both."
    ),
    Rule.AGENT_TOO_OLD: "Update the SSM Agent, for example with the document AWS-UpdateSSMAgent.",
    Rule.NO_ASSOCIATION: (
        "Deploy the inventory stack, or give the node the tags that its association targets."
    ),
    Rule.ASSOCIATION_CONFLICT: (
        "Keep one of the associations: delete the other, or change its targets so that no node "
        "has both."
    ),
    Rule.ASSOCIATION_OVERRIDDEN: (
        "Delete the association that prevails, or leave these nodes to it and out of the settings."
    ),
    Rule.ASSOCIATION_FAILED: (
        "Read what the run reported with `oelab status NODE`, and its output where logs are kept."
    ),
    Rule.ASSOCIATION_PENDING: "Wait up to 10 minutes; `oelab wait` reports when it is done.",
    Rule.INVENTORY_MISSING: (
        "Check that the role allows ssm:PutInventory, and start the association once."
    ),
    Rule.INVENTORY_STALE: (
        "Check that the association still runs at its interval: `oelab associations`."
    ),
    Rule.TYPE_NOT_COLLECTED: (
        "Deploy the inventory stack, so that the association collects the types of the settings."
    ),
    Rule.NON_COMPLIANT_ASSOCIATION: (
        "See the items with `oelab compliance NODE`, and fix the association that failed."
    ),
    Rule.NON_COMPLIANT_PATCH: (
        "See the items with `oelab compliance NODE`, and install the patches that are missing."
    ),
    Rule.NON_COMPLIANT_CUSTOM: (
        "See the items with `oelab compliance NODE`; their tool knows what they ask for."
    ),
}
"""By rule, the most serious first."""


def finding(subject: str, observation: Observation) -> Finding:
    """The finding about a node that an observation amounts to."""
    rule, reason = observation
    return Finding(rule=rule, subject=subject, reason=reason, remedy=REMEDIES[rule])


def rank(found: Finding) -> int:
    """The position of a finding on a node from the most serious (0) on."""
    return list(REMEDIES).index(Rule(found.rule))
